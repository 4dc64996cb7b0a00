#include "gateway/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>

#include <algorithm>

#include "base/check.h"

namespace hanse::gateway {

namespace {

const unsigned char* pointer(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string encode(std::span<const uint8_t> bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  text.pop_back();  // the terminating zero
  return text;
}

std::optional<std::string> decode(std::string_view text, int variant) {
  // libsodium 1.0.18 takes some bytes above 127 for characters of the alphabet.
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 127; })) return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr, &size, &end, variant) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  bytes.resize(size);
  return bytes;
}

}  // namespace

SigningKey::SigningKey(const Bytes32& seed) {
  Bytes32 unused;
  crypto_sign_ed25519_seed_keypair(unused.data(), secret_.data(), seed.data());
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

PublicKey SigningKey::public_key() const {
  PublicKey key;
  crypto_sign_ed25519_sk_to_pk(key.bytes.data(), secret_.data());
  return key;
}

Signature SigningKey::sign(std::string_view message) const {
  Signature signature;
  crypto_sign_ed25519_detached(signature.data(), nullptr, pointer(message), message.size(), secret_.data());
  return signature;
}

bool verify(const PublicKey& key, std::string_view message, const Signature& signature) {
  return crypto_sign_ed25519_verify_detached(signature.data(), pointer(message), message.size(), key.bytes.data()) == 0;
}

Bytes32 sha256(std::string_view data) {
  Bytes32 digest;
  SHA256(pointer(data), data.size(), digest.data());
  return digest;
}

std::array<uint8_t, 64> sha512(std::string_view data) {
  std::array<uint8_t, 64> digest;
  SHA512(pointer(data), data.size(), digest.data());
  return digest;
}

Bytes32 hmac_sha256(std::span<const uint8_t> key, std::string_view data) {
  Bytes32 code;
  unsigned size = code.size();
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), pointer(data), data.size(), code.data(), &size) != nullptr);
  return code;
}

bool equal_secrets(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void random_bytes(std::span<uint8_t> to) { randombytes_buf(to.data(), to.size()); }

std::optional<Bytes32> shared_secret(const Bytes32& own_secret, const Bytes32& other_public) {
  Bytes32 secret;
  if (crypto_scalarmult_curve25519(secret.data(), own_secret.data(), other_public.data()) != 0) return std::nullopt;
  return secret;
}

Bytes32 x25519_public(const Bytes32& own_secret) {
  Bytes32 key;
  crypto_scalarmult_curve25519_base(key.data(), own_secret.data());
  return key;
}

Bytes32 hkdf_sha256(std::span<const uint8_t> secret, std::span<const uint8_t> salt, std::string_view info) {
  Bytes32 pseudo_random = hmac_sha256(salt, text_of(secret));
  return hmac_sha256(pseudo_random, std::string(info) + '\x01');  // one block is all that 32 bytes need
}

std::string thumbprint(const PublicKey& key) {
  return base64url(sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url(key.bytes) + R"("})"));
}

std::string base64url(std::span<const uint8_t> bytes) { return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
std::optional<std::string> base64url_decode(std::string_view text) { return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
std::string base64(std::span<const uint8_t> bytes) { return encode(bytes, sodium_base64_VARIANT_ORIGINAL); }
std::optional<std::string> base64_decode(std::string_view text) { return decode(text, sodium_base64_VARIANT_ORIGINAL); }

namespace {

constexpr size_t salt_bytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

bool stretch(std::string_view passphrase, const uint8_t* salt, Bytes32& key) {
  return crypto_pwhash_argon2id(key.data(), key.size(), passphrase.data(), passphrase.size(), salt, crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE,
                                crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
}

}  // namespace

// Salt, nonce, ciphertext with its tag.
std::string seal(std::string_view passphrase, std::string_view plain) {
  std::string sealed(salt_bytes + nonce_bytes + plain.size() + tag_bytes, '\0');
  auto* bytes = reinterpret_cast<uint8_t*>(sealed.data());
  random_bytes({bytes, salt_bytes + nonce_bytes});
  Bytes32 key;
  if (!stretch(passphrase, bytes, key)) return {};
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + salt_bytes + nonce_bytes, nullptr, pointer(plain), plain.size(), nullptr, 0, nullptr,
                                             bytes + salt_bytes, key.data());
  sodium_memzero(key.data(), key.size());
  return sealed;
}

std::optional<std::string> unseal(std::string_view passphrase, std::string_view sealed) {
  if (sealed.size() < salt_bytes + nonce_bytes + tag_bytes) return std::nullopt;
  const unsigned char* bytes = pointer(sealed);
  Bytes32 key;
  if (!stretch(passphrase, bytes, key)) return std::nullopt;
  std::string plain(sealed.size() - salt_bytes - nonce_bytes - tag_bytes, '\0');
  int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, bytes + salt_bytes + nonce_bytes,
                                                          sealed.size() - salt_bytes - nonce_bytes, nullptr, 0, bytes + salt_bytes, key.data());
  sodium_memzero(key.data(), key.size());
  if (failed != 0) return std::nullopt;
  return plain;
}

}  // namespace hanse::gateway
