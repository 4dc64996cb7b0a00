#include "gateway/crypto.h"

#include <gtest/gtest.h>

namespace hanse::gateway {

namespace {

std::string bytes_from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

Bytes32 bytes32(std::string_view hex) {
  std::string bytes = bytes_from_hex(hex);
  Bytes32 result;
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(result.data()));
  return result;
}

}  // namespace

// RFC 8032, section 7.1, test 2.
TEST(GatewayCrypto, SignsAsInRfc8032) {
  SigningKey key(bytes32("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  EXPECT_EQ(key.public_key().bytes, bytes32("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  Signature signature = key.sign("\x72");
  EXPECT_EQ(std::string(text_of(signature)),
            bytes_from_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                           "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
  EXPECT_TRUE(verify(key.public_key(), "\x72", signature));
  EXPECT_FALSE(verify(key.public_key(), "\x73", signature));
  signature[3] ^= 1;
  EXPECT_FALSE(verify(key.public_key(), "\x72", signature));
}

// RFC 8037, appendix A.3.
TEST(GatewayCrypto, NamesKeysByThumbprint) {
  EXPECT_EQ(thumbprint(PublicKey{bytes32("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")}),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

// RFC 7748, section 6.1.
TEST(GatewayCrypto, AgreesOnSecrets) {
  Bytes32 alice = bytes32("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  Bytes32 bob = bytes32("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  EXPECT_EQ(x25519_public(alice), bytes32("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
  auto secret = shared_secret(alice, x25519_public(bob));
  ASSERT_TRUE(secret);
  EXPECT_EQ(*secret, bytes32("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
  EXPECT_EQ(shared_secret(bob, x25519_public(alice)), secret);
  EXPECT_FALSE(shared_secret(alice, Bytes32{}));  // a point of small order
}

// RFC 5869, appendix A.1, its first 32 bytes.
TEST(GatewayCrypto, DerivesKeys) {
  std::string secret(22, '\x0b');
  Bytes32 key = hkdf_sha256(bytes_of(secret), bytes_of(bytes_from_hex("000102030405060708090a0b0c")), bytes_from_hex("f0f1f2f3f4f5f6f7f8f9"));
  EXPECT_EQ(key, bytes32("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"));
}

TEST(GatewayCrypto, EncodesBase64) {
  std::string bytes = "\xfb\xff\xfe\x01";
  EXPECT_EQ(base64url(bytes_of(bytes)), "-__-AQ");
  EXPECT_EQ(base64(bytes_of(bytes)), "+//+AQ==");
  EXPECT_EQ(base64url_decode("-__-AQ"), bytes);
  EXPECT_EQ(base64_decode("+//+AQ=="), bytes);
  EXPECT_EQ(base64url_decode(""), "");
  for (const char* wrong : {"-__-AQ==", "-__-A", "-__-AQ\n", "+//+AQ", "\x80", "ht\xff\xff"}) EXPECT_FALSE(base64url_decode(wrong)) << wrong;
}

TEST(GatewayCrypto, SealsWithPassphrases) {
  std::string sealed = seal("open sesame", "forty thieves");
  EXPECT_EQ(unseal("open sesame", sealed), "forty thieves");
  EXPECT_FALSE(unseal("open barley", sealed));
  sealed[sealed.size() / 2] = static_cast<char>(sealed[sealed.size() / 2] ^ 1);
  EXPECT_FALSE(unseal("open sesame", sealed));
  EXPECT_FALSE(unseal("open sesame", "short"));
}

}  // namespace hanse::gateway
