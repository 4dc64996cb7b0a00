// A filter of system calls (seccomp, Linux 3.5): Documentation/userspace-api/seccomp_filter.rst of the kernel.
#include "guard/network_wall.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <bit>
#include <cstdint>

namespace hanse::guard {

#if defined(__x86_64__)
static constexpr uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static constexpr uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#else
static constexpr uint32_t own_architecture = 0;
#endif

// x86-64 has a second set of numbers for the same calls (x32); nothing of Debian's uses them.
static constexpr uint32_t first_foreign_number = 0x40000000;
static constexpr uint32_t number_of_io_uring_setup = 425;  // on every architecture

static constexpr sock_filter load(size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)); }
static constexpr sock_filter answer(uint32_t what) { return BPF_STMT(BPF_RET | BPF_K, what); }
static constexpr sock_filter fail(uint32_t error) { return answer(SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA)); }
// Each leaves out the next instruction, or not, by the value that was loaded.
static constexpr sock_filter unless_equal_skip(uint32_t number) { return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1); }
static constexpr sock_filter if_equal_skip(uint32_t number) { return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 1, 0); }
static constexpr sock_filter unless_at_least_skip(uint32_t number) { return BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, number, 0, 1); }

bool close_network() {
  static_assert(std::endian::native == std::endian::little, "the low half of an argument comes first");
  if (own_architecture == 0) {
    errno = ENOSYS;
    return false;
  }
  sock_filter program[] = {
      load(offsetof(seccomp_data, arch)),
      if_equal_skip(own_architecture),
      fail(ENOSYS),
      load(offsetof(seccomp_data, nr)),
      unless_at_least_skip(first_foreign_number),
      fail(ENOSYS),
      unless_equal_skip(number_of_io_uring_setup),
      fail(ENOSYS),
      if_equal_skip(SYS_socket),
      answer(SECCOMP_RET_ALLOW),
      load(offsetof(seccomp_data, args)),  // the family
      unless_equal_skip(AF_UNIX),
      answer(SECCOMP_RET_ALLOW),
      fail(EACCES),
  };
  sock_fprog filter = {static_cast<unsigned short>(sizeof program / sizeof program[0]), program};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

}  // namespace hanse::guard
