// How the pipes of the port for data get to the guard: over an abstract Unix socket with a random name, to processes of
// the same user. Used by one thread.
#pragma once

#include <string>

namespace hanse::guard {

struct Listener {
  int descriptor = -1;
  std::string name;   // without the zero byte
  std::string error;  // why there is none
};
Listener listen_for_channel();

struct DataChannel {
  int input = -1, output = -1;
};
// Takes one connection and the two descriptors it brings; -1 if it came from a stranger or brought something else.
DataChannel accept_channel(int listener);

// Sends two descriptors to the guard that listens at that name and waits until it has taken them.
bool hand_over(const std::string& name, int input, int output);

}  // namespace hanse::guard
