// TLS of the gateway: version 1.3 only. Without files of its own a node shows a certificate that its Ed25519 key has made for itself: who
// knows the key's thumbprint needs nobody else to vouch for it.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <expected>
#include <optional>
#include <string>

#include "gateway/server.h"

namespace hanse::gateway {

std::expected<boost::asio::ssl::context, std::string> server_context(const std::optional<TlsFiles>& files, const Bytes32& seed);

// trusted_pem: certificates of authorities; empty: the system's. The peer's certificate is good if they vouch for it and for the host, or if its
// key has the thumbprint `pinned`.
std::expected<boost::asio::ssl::context, std::string> client_context(const std::string& trusted_pem, const std::string& host, const std::string& pinned);

}  // namespace hanse::gateway
