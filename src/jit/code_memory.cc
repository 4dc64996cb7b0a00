#include "jit/code_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/gaps.h"
#include "base/mutex.h"

namespace hanse::jit {

namespace {

[[maybe_unused]] constexpr size_t region_bytes = size_t{128} << 20;  // of address space, twice
constexpr size_t granule_bytes = 64;

class CodeMemory {
 public:
  CodeRange allocate(size_t bytes) {
    bytes = (bytes + granule_bytes - 1) / granule_bytes * granule_bytes;
    Lock lock(mutex_);
    if (!reserved_) reserve();
    std::optional<size_t> position = gaps_.take(bytes);
    if (!position) return {};
    return {write_ + *position, run_ + *position, bytes};
  }
  void free(const CodeRange& range) {
    Lock lock(mutex_);
    gaps_.give(static_cast<size_t>(range.write - write_), range.bytes);
  }

 private:
  void reserve() REQUIRES_LOCK(mutex_) {
    reserved_ = true;
#ifdef MAP_32BIT
    int file = memfd_create("hanse-code", MFD_CLOEXEC);
    if (file < 0) return;
    if (ftruncate(file, region_bytes) == 0) {
      void* run = mmap(nullptr, region_bytes, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_NORESERVE | MAP_32BIT, file, 0);
      void* write = mmap(nullptr, region_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, 0);
      if (run != MAP_FAILED && write != MAP_FAILED) {
        run_ = static_cast<uint8_t*>(run);
        write_ = static_cast<uint8_t*>(write);
        gaps_ = Gaps(region_bytes);
      } else {
        if (run != MAP_FAILED) munmap(run, region_bytes);
        if (write != MAP_FAILED) munmap(write, region_bytes);
      }
    }
    close(file);
#endif
  }

  Mutex<LockRank::code_memory> mutex_;
  bool reserved_ GUARDED_BY(mutex_) = false;
  uint8_t* write_ GUARDED_BY(mutex_) = nullptr;
  uint8_t* run_ GUARDED_BY(mutex_) = nullptr;
  Gaps gaps_ GUARDED_BY(mutex_);
};

CodeMemory& code_memory() {
  static CodeMemory& instance = *new CodeMemory;
  return instance;
}

}  // namespace

CodeRange allocate_code(size_t bytes) { return code_memory().allocate(bytes); }
void free_code(CodeRange range) { code_memory().free(range); }

}  // namespace hanse::jit
