// Parts of a report on the node, in the notation of crash dumps: for these and for the break menu.
#pragma once

#include <string>

#include "bif/system_report.h"

namespace hanse {

class ReportLines {
 public:
  virtual ~ReportLines() = default;
  virtual void line(const std::string& text) = 0;
  void figure(const char* name, uint64_t value) { line(std::string(name) + ": " + std::to_string(value)); }
};

void report_memory(ReportLines& out);
void report_modules(ReportLines& out);
void report_tables(ReportLines& out);
void report_ports(ReportLines& out);
void report_nodes(ReportLines& out);

// One of them as a text for a terminal.
std::string terminal_text(void (*report)(ReportLines&));
// The texts of system_info(info | procs | loaded | dist).
std::string write_system_report(SystemReport report);

}  // namespace hanse
