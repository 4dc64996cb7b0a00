#include "heap/account.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hanse {

TEST(Account, PartsOfThreadsAddUp) {
  Account divided, plain;
  divided.divide();
  for (int round = 0; round < 3; round++) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; n++) {
          for (Account* account : {&divided, &plain}) {
            account->charge(MemoryKind::heap, 5);
            account->charge(MemoryKind::heap, -3);
            account->charge(MemoryKind::system, 1);
          }
        }
      });
    for (std::thread& thread : threads) thread.join();
  }
  divided.charge(MemoryKind::heap, -24000);
  for (const Account* account : {&divided, &plain}) EXPECT_EQ(account->bytes(MemoryKind::system), 12000);
  EXPECT_EQ(divided.bytes(MemoryKind::heap), 0);
  EXPECT_EQ(divided.total(), 12000);
  EXPECT_EQ(plain.total(), 36000);
}

}  // namespace hanse
