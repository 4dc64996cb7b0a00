#include "gateway/nonce_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gateway/crypto.h"
#include "gateway/http_signature.h"

namespace hanse::gateway {

namespace {

// After this time nothing that was valid when a file was closed is valid any more.
constexpr int64_t turn_s = clock_tolerance_s + longest_validity_s + clock_tolerance_s;

std::string with_reason(const std::string& path) { return path + ": " + std::strerror(errno); }

}  // namespace

std::expected<std::unique_ptr<NonceJournal>, std::string> NonceJournal::open(const std::string& path, int64_t now_s) {
  std::unique_ptr<NonceJournal> journal(new NonceJournal(path));
  Lock lock(journal->mutex_);
  journal->turned_s_ = now_s;
  if (path.empty()) return journal;
  journal->lock_file_ = ::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (journal->lock_file_ < 0) return std::unexpected(with_reason(path + ".lock"));
  if (::flock(journal->lock_file_, LOCK_EX | LOCK_NB) != 0) return std::unexpected(path + " is in use by another node");
  journal->load(path + ".old", *journal->old_, now_s);
  journal->load(path, *journal->current_, now_s);
  if (auto opened = journal->open_current(); !opened) return std::unexpected(opened.error());
  return journal;
}

NonceJournal::~NonceJournal() {
  if (file_ >= 0) ::close(file_);
  if (lock_file_ >= 0) ::close(lock_file_);
}

std::expected<void, std::string> NonceJournal::open_current() {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) return std::unexpected(with_reason(path_));
  // Half a record at the end, of a disk that was full, would shift all that follow.
  off_t size = ::lseek(file_, 0, SEEK_END);
  off_t whole = size - size % static_cast<off_t>(sizeof(Record));
  if (whole != size && ::ftruncate(file_, whole) != 0) return std::unexpected(with_reason(path_));
  return {};
}

void NonceJournal::load(const std::string& path, Set& set, int64_t now_s) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  Record records[1024];
  size_t held = 0;
  for (;;) {
    ssize_t count = ::read(file, reinterpret_cast<char*>(records) + held, sizeof(records) - held);
    if (count <= 0) break;
    held += static_cast<size_t>(count);
    size_t whole = held / sizeof(Record);
    for (size_t i = 0; i < whole; i++)
      if (records[i].expires_s >= now_s - clock_tolerance_s && set.find(records[i].hash) == nullptr) set.insert(records[i].hash, {});
    held -= whole * sizeof(Record);
    std::memmove(records, reinterpret_cast<char*>(records) + whole * sizeof(Record), held);
  }
  ::close(file);
}

bool NonceJournal::turn_over(int64_t now_s) {
  if (now_s >= turned_s_ && now_s < turned_s_ + turn_s) return true;
  turned_s_ = now_s;
  if (!path_.empty()) {
    if (::rename(path_.c_str(), (path_ + ".old").c_str()) != 0) return false;
    ::close(file_);
    if (!open_current()) return false;
  }
  old_ = std::move(current_);
  current_ = std::make_unique<Set>();
  return true;
}

NonceJournal::Outcome NonceJournal::take(std::string_view keyid, std::string_view nonce, int64_t expires_s, int64_t now_s) {
  Bytes32 digest = sha256(std::string(keyid) + '\0' + std::string(nonce));
  Record record{.expires_s = expires_s};
  std::memcpy(&record.hash, digest.data(), sizeof(Hash));
  Lock lock(mutex_);
  if (!turn_over(now_s)) return Outcome::not_written;
  if (current_->find(record.hash) != nullptr || old_->find(record.hash) != nullptr) return Outcome::seen;
  if (!path_.empty() && ::write(file_, &record, sizeof(record)) != static_cast<ssize_t>(sizeof(record))) {
    // Half of it may be there.
    off_t size = ::lseek(file_, 0, SEEK_END);
    [[maybe_unused]] int ignored = ::ftruncate(file_, size - size % static_cast<off_t>(sizeof(Record)));
    return Outcome::not_written;
  }
  current_->insert(record.hash, {});
  return Outcome::fresh;
}

size_t NonceJournal::size() const {
  Lock lock(mutex_);
  return current_->size() + old_->size();
}

}  // namespace hanse::gateway
