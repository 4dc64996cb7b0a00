// A worker without a network: the system refuses it, and whatever it starts, sockets but those within this computer.
#pragma once

namespace hanse::guard {

// For the calling thread and its future children; there is no way back. It has given up new privileges before
// (PR_SET_NO_NEW_PRIVS). socket() of any family but AF_UNIX fails with EACCES, io_uring, which makes sockets as well, with
// ENOSYS. False, with errno: the system has no such filter, or this processor is unknown here.
bool close_network();

}  // namespace hanse::guard
