// erlang:system_flag(multi_scheduling, ...): while a process blocks, only the first scheduler runs processes. Threads of the
// dirty pools go on. Any thread; a process that ends takes its blocks along.
#pragma once

#include <vector>

#include "process/process.h"

namespace hanse {

// Once, by main's thread, before the first process.
void release_scheduling_blocks_at_exit();

enum class BlockKind : uint8_t { all, normal };

// Counts: as many calls of unblock() lift it.
void block_scheduling(Process& process, BlockKind kind);
// Whether the block holds: the caller runs on the first scheduler, and the others have stopped. If not, it should yield.
bool scheduling_block_holds();
void unblock_scheduling(Process& process, BlockKind kind);
// Who blocks, each once.
std::vector<Term> scheduling_blockers(BlockKind kind);

}  // namespace hanse
