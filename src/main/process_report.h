// One process in a report on the node, in the notation of crash dumps. The process does not run meanwhile, or is the caller's.
#pragma once

#include "main/node_report.h"
#include "process/process.h"

namespace hanse {

bool is_running(const Process& process);
// Where the code at ip belongs to: Module:Function/Arity, or the other text.
std::string place_text(Ip ip, const char* otherwise);
std::string address_text(const void* address);

// State, names and figures.
void report_process(ReportLines& out, Process& process);
// Links, messages, dictionary and stack as well, if it neither runs nor is sensitive: for the eyes of people.
void report_whole_process(ReportLines& out, Process& process);

}  // namespace hanse
