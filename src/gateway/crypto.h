// Keys, signatures and digests of the gateway, in the terms of the RFCs: Ed25519 (RFC 8032), X25519 (RFC 7748), HKDF (RFC 5869),
// thumbprints of keys (RFC 7638). libsodium and OpenSSL do the work. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hanse::gateway {

using Bytes32 = std::array<uint8_t, 32>;
using Signature = std::array<uint8_t, 64>;

struct PublicKey {
  Bytes32 bytes{};
  bool operator==(const PublicKey&) const = default;
};

// The private half: what it was made from, and the public key that belongs to it. Wiped when it goes.
class SigningKey {
 public:
  explicit SigningKey(const Bytes32& seed);
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();
  PublicKey public_key() const;
  Signature sign(std::string_view message) const;

 private:
  std::array<uint8_t, 64> secret_;
};

bool verify(const PublicKey& key, std::string_view message, const Signature& signature);

Bytes32 sha256(std::string_view data);
std::array<uint8_t, 64> sha512(std::string_view data);
Bytes32 hmac_sha256(std::span<const uint8_t> key, std::string_view data);
// In time that does not depend on where they differ.
bool equal_secrets(std::span<const uint8_t> a, std::span<const uint8_t> b);
void random_bytes(std::span<uint8_t> to);

// The secret that the owners of both keys can compute; nullopt for public keys that give everybody the same one.
std::optional<Bytes32> shared_secret(const Bytes32& own_secret, const Bytes32& other_public);
Bytes32 x25519_public(const Bytes32& own_secret);
Bytes32 hkdf_sha256(std::span<const uint8_t> secret, std::span<const uint8_t> salt, std::string_view info);

// 43 characters: the SHA-256 of the key as a JWK, in base64url.
std::string thumbprint(const PublicKey& key);

// RFC 4648: section 5 without padding, and section 4 with it.
std::string base64url(std::span<const uint8_t> bytes);
std::optional<std::string> base64url_decode(std::string_view text);
std::string base64(std::span<const uint8_t> bytes);
std::optional<std::string> base64_decode(std::string_view text);

// A short text that only the passphrase opens (Argon2id, XChaCha20-Poly1305). Takes about 100 ms and 64 MB. Empty if there is no memory.
std::string seal(std::string_view passphrase, std::string_view plain);
std::optional<std::string> unseal(std::string_view passphrase, std::string_view sealed);

inline std::string_view text_of(std::span<const uint8_t> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline std::span<const uint8_t> bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

}  // namespace hanse::gateway
