#include "gateway/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <memory>

namespace hanse::gateway {

namespace {

namespace ssl = boost::asio::ssl;

template <auto function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

std::string openssl_error(const std::string& what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  return what + ": " + text;
}

// The thumbprint of a certificate's key; empty if it is none of Ed25519.
std::string certificate_thumbprint(X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  PublicKey raw;
  size_t size = raw.bytes.size();
  if (key == nullptr || EVP_PKEY_id(key) != EVP_PKEY_ED25519 || EVP_PKEY_get_raw_public_key(key, raw.bytes.data(), &size) != 1) return {};
  return thumbprint(raw);
}

// Good for as long as anybody will want it; it says nothing but the key.
std::string use_own_certificate(SSL_CTX* context, const Bytes32& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  Certificate certificate(X509_new());
  if (!key || !certificate) return openssl_error("a key");
  Bytes32 serial;
  random_bytes(serial);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial[0] | uint64_t{serial[1]} << 8 | uint64_t{serial[2]} << 16 | uint64_t{1} << 40);
  constexpr long day_s = 86400;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3650 * day_s);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  auto* text = reinterpret_cast<const unsigned char*>("Hanse node");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  if (X509_sign(certificate.get(), key.get(), nullptr) == 0 || SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return openssl_error("the node's own certificate");
  return {};
}

ssl::context new_context(ssl::context::method method) {
  ssl::context context(method);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_3_VERSION);
  return context;
}

}  // namespace

std::expected<ssl::context, std::string> server_context(const std::optional<TlsFiles>& files, const Bytes32& seed) {
  ssl::context context = new_context(ssl::context::tls_server);
  if (!files) {
    std::string problem = use_own_certificate(context.native_handle(), seed);
    if (!problem.empty()) return std::unexpected(problem);
    return context;
  }
  boost::system::error_code error;
  context.use_certificate_chain(boost::asio::buffer(files->certificate_pem), error);
  if (error) return std::unexpected("the certificate: " + error.message());
  context.use_private_key(boost::asio::buffer(files->key_pem), ssl::context::pem, error);
  if (error) return std::unexpected("the certificate's key: " + error.message());
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) return std::unexpected(openssl_error("the certificate and the key do not belong together"));
  return context;
}

std::expected<ssl::context, std::string> client_context(const std::string& trusted_pem, const std::string& host, const std::string& pinned) {
  ssl::context context = new_context(ssl::context::tls_client);
  boost::system::error_code error;
  context.set_verify_mode(ssl::verify_peer, error);
  if (trusted_pem.empty()) context.set_default_verify_paths(error);
  else context.add_certificate_authority(boost::asio::buffer(trusted_pem), error);
  if (error) return std::unexpected("certificates of authorities: " + error.message());
  context.set_verify_callback(
      [pinned, by_name = ssl::host_name_verification(host)](bool valid, ssl::verify_context& verified) {
        X509* own = X509_STORE_CTX_get0_cert(verified.native_handle());
        if (!pinned.empty() && own != nullptr && certificate_thumbprint(own) == pinned) return true;
        return by_name(valid, verified);
      },
      error);
  return context;
}

}  // namespace hanse::gateway
