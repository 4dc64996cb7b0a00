#include "base/md5.h"

#include <gtest/gtest.h>

#include <string>

namespace hanse {

static std::string hexadecimal(const Md5::Digest& digest) {
  std::string text;
  for (uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}
static Bytes bytes(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// RFC 1321, appendix A.5.
TEST(Md5, test_suite_of_the_rfc) {
  EXPECT_EQ(hexadecimal(Md5::of({})), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hexadecimal(Md5::of(bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hexadecimal(Md5::of(bytes("12345678901234567890123456789012345678901234567890123456789012345678901234567890"))),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, pieces_of_any_length_give_the_same_digest) {
  std::string text(300, 'x');
  for (size_t piece : {1, 55, 56, 63, 64, 65}) {
    Md5 md5;
    for (size_t at = 0; at < text.size(); at += piece) md5.update(bytes(text.substr(at, piece)));
    EXPECT_EQ(md5.finish(), Md5::of(bytes(text))) << piece;
  }
}

}  // namespace hanse
