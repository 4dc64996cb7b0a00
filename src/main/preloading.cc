#include "main/preloading.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/epoch.h"
#include "term/literal.h"

namespace hanse {

// In the order of erlang:pre_loaded/0.
static constexpr const char* preloaded[] = {
    "persistent_term", "counters", "atomics", "erts_dirty_process_signal_handler", "erts_literal_area_collector",
    "erl_tracer", "erts_internal", "erlang", "erl_prim_loader", "prim_zip", "prim_net", "prim_socket", "socket_registry",
    "zlib", "prim_file", "prim_inet", "prim_eval", "prim_buffer", "init", "erl_init", "erts_code_purger",
};

[[noreturn]] static void cannot_start(const std::string& message) {
  std::fprintf(stderr, "hanse: %s\n", message.c_str());
  std::_Exit(1);
}

static std::vector<uint8_t> read_file(const std::string& path) {
  std::error_code error;
  size_t size = std::filesystem::file_size(path, error);
  std::FILE* file = error ? nullptr : std::fopen(path.c_str(), "rbe");
  if (file == nullptr) cannot_start("cannot read " + path + "; is Debian's package erlang-base (25.2.3) installed?");
  std::vector<uint8_t> bytes(size);
  bytes.resize(std::fread(bytes.data(), 1, size, file));
  std::fclose(file);
  return bytes;
}

Preloading::Preloading(HostRealm& realm, std::string directory)
    : realm_(realm), directory_(std::move(directory)), modules_(std::size(preloaded)) {
  delete LiteralArea::create(1);  // the first area says where all will be: both threads look there
  // Signals are for threads that wait for them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  helper_ = std::thread([this] { prepare_rest(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Preloading::prepare_rest() {
  epoch::Guard guard;
  for (size_t i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < modules_.size();) modules_[i] = prepare(preloaded[i]);
}

std::unique_ptr<Module> Preloading::prepare(const char* name) {
  std::string path = directory_ + name + ".beam";
  auto prepared = prepare_preloaded(realm_, name, read_file(path));
  if (!prepared) cannot_start(path + ": " + prepared.error().message());
  return std::move(*prepared);
}

void Preloading::finish() {
  prepare_rest();
  helper_.join();
  for (std::unique_ptr<Module>& module : modules_)
    if (auto installed = install_preloaded(realm_, std::move(module)); !installed) cannot_start(installed.error().message());
}

}  // namespace hanse
