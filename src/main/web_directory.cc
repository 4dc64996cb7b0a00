#include "main/web_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "gateway/directory_names.h"
#include "gateway/directory_service.h"
#include "gateway/json.h"
#include "gateway/libraries.h"
#include "gateway/server.h"

namespace hanse {

namespace {

using namespace gateway;

std::expected<std::string, std::string> folder_of(const epmd::WebOptions& options) {
  std::string folder = options.folder;
  const char* home = std::getenv("HANSE_HOME");
  if (folder.empty() && home != nullptr && *home != 0) folder = std::string(home) + "/directory";
  home = std::getenv("HOME");
  if (folder.empty() && home != nullptr && *home != 0) folder = std::string(home) + "/.hanse/directory";
  if (folder.empty()) return std::unexpected("neither -http_folder nor HANSE_HOME nor HOME says where the owners of names are kept");
  std::error_code error;
  bool is_new = std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(folder + ": " + error.message());
  if (is_new) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return folder;
}

std::expected<std::string, std::string> file_content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  if (!in || !(content << in.rdbuf())) return std::unexpected(path + ": cannot be read");
  return std::move(content).str();
}

std::expected<Bytes32, std::string> seed_in(const std::string& path) {
  auto content = file_content(path);
  if (!content) return std::unexpected(content.error());
  auto jwk = json_object(*content);
  auto seed = jwk ? base64url_decode(json_text(*jwk, "d").value_or("")) : std::nullopt;
  Bytes32 bytes;
  if (!seed || seed->size() != bytes.size()) return std::unexpected(path + ": expected a private Ed25519 key as JWK");
  std::ranges::copy(*seed, reinterpret_cast<char*>(bytes.data()));
  return bytes;
}

// Made on the first start. The file is there wholly or not at all.
std::expected<Bytes32, std::string> seed_of_folder(const std::string& path) {
  if (std::filesystem::exists(path)) return seed_in(path);
  Bytes32 seed;
  random_bytes(seed);
  SigningKey key(seed);
  std::string jwk = R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url(key.public_key().bytes) + R"(","d":")" + base64url(seed) + "\"}\n";
  std::string draft = path + "." + std::to_string(::getpid());
  int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool written = file >= 0 && ::write(file, jwk.data(), jwk.size()) == static_cast<ssize_t>(jwk.size()) && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  // Of two that start at once the first one's key stays.
  if (written) written = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  ::unlink(draft.c_str());
  if (!written) return std::unexpected(path + ": cannot be written");
  return seed_in(path);
}

// What serves; never destroyed, since its threads serve until the process ends.
struct WebDirectory {
  std::unique_ptr<NameOwners> names;
  std::unique_ptr<DirectoryService> service;
  std::unique_ptr<Server> server;
};

}  // namespace

std::expected<std::string, std::string> start_web_directory(const epmd::WebOptions& options) {
  if (const auto& libraries = open_libraries(); !libraries) return std::unexpected(libraries.error());
  auto folder = folder_of(options);
  if (!folder) return std::unexpected(folder.error());
  auto seed = seed_of_folder(*folder + "/directory.jwk");
  if (!seed) return std::unexpected(seed.error());
  PublicKey key = SigningKey(*seed).public_key();
  auto web = std::make_unique<WebDirectory>();
  auto names = open_names(*folder + "/names.db");
  if (!names) return std::unexpected(names.error());
  web->names = std::move(*names);
  web->service = std::make_unique<DirectoryService>(*web->names, key);
  if (!web->service->load()) return std::unexpected(*folder + "/names.db: cannot be read");

  ServerOptions server{.address = options.address, .port = options.port, .tls = options.tls, .nonce_path = *folder + "/nonces"};
  server.body_bytes = 4 << 20;  // answers of nodes behind the relay, in base64
  if (!options.certificate.empty()) {
    auto certificate = file_content(options.certificate);
    auto private_key = file_content(options.key);
    if (!certificate || !private_key) return std::unexpected(certificate ? private_key.error() : certificate.error());
    server.files = TlsFiles{std::move(*certificate), std::move(*private_key)};
  }
  auto started = Server::start(server, *seed, *web->service);
  if (!started) return std::unexpected(started.error().second);
  web->server = std::move(*started);
  std::string host = options.address.contains(':') ? '[' + options.address + ']' : options.address;
  std::string where = std::string(options.tls ? "https://" : "http://") + host + ":" + std::to_string(web->server->port()) + "/#" + thumbprint(key);
  (void)web.release();
  return "directory at " + where;
}

}  // namespace hanse
