#include "code/beam_container.h"

#include <fmt/format.h>
#include <zlib.h>

namespace hanse {

std::string BeamError::message() const {
  if (chunk.empty()) return fmt::format("byte {}: {}", offset, reason);
  return fmt::format("chunk {}, byte {}: {}", chunk, offset, reason);
}

static std::unexpected<BeamError> refuse(std::string_view chunk, size_t offset, std::string reason) {
  return std::unexpected(BeamError{std::string(chunk), offset, std::move(reason)});
}

static std::string_view four_characters(Bytes data, size_t at) {
  return {reinterpret_cast<const char*>(data.data()) + at, 4};
}

std::expected<BeamContainer, BeamError> BeamContainer::parse(Bytes file) {
  if (file.size() < 12 || four_characters(file, 0) != "FOR1" || four_characters(file, 8) != "BEAM")
    return refuse("", 0, "not a BEAM file: it does not begin with FOR1, a size and BEAM");
  size_t size = load_be32(file.data() + 4);
  if (size < 4 || size > file.size() - 8)
    return refuse("", 4, fmt::format("the file says it has {} bytes, but has {}", size + 8, file.size()));
  Bytes form = file.first(8 + size);
  BeamContainer container;
  for (size_t at = 12; at < form.size();) {
    if (form.size() - at < 8) return refuse("", at, "the head of a chunk is cut short");
    std::string_view name = four_characters(form, at);
    for (char c : name)
      if (c < ' ' || c > '~') return refuse("", at, "the name of a chunk is not printable");
    size_t length = load_be32(form.data() + at + 4);
    if (length > form.size() - at - 8)
      return refuse("", at + 4, fmt::format("chunk {} says it has {} bytes, but {} are left", name, length, form.size() - at - 8));
    container.chunks_.push_back({name, form.subspan(at + 8, length)});
    at += 8 + (length + 3) / 4 * 4;
  }
  return container;
}

std::optional<Bytes> BeamContainer::find(std::string_view name) const {
  for (const BeamChunk& chunk : chunks_)
    if (chunk.name == name) return chunk.data;
  return std::nullopt;
}

std::optional<Md5::Digest> BeamContainer::md5() const {
  Md5 md5;
  auto atoms = find("AtU8");
  if (!atoms) atoms = find("Atom");
  if (!atoms) return std::nullopt;
  md5.update(*atoms);
  for (std::string_view name : {"Code", "StrT", "ImpT", "ExpT"}) {
    auto chunk = find(name);
    if (!chunk && name == "StrT") continue;  // without it there are no strings
    if (!chunk) return std::nullopt;
    md5.update(*chunk);
  }
  // Of each fun, its old unique number (the last field of six) does not count.
  if (auto funs = find("FunT")) {
    if (funs->size() < 4) return std::nullopt;
    md5.update(funs->first(4));
    constexpr uint8_t zero[4] = {};
    Bytes rows = funs->subspan(4);
    for (uint32_t count = load_be32(funs->data()); count > 0; count--) {
      if (rows.size() < 24) return std::nullopt;
      md5.update(rows.first(20));
      md5.update(zero);
      rows = rows.subspan(24);
    }
  }
  for (std::string_view name : {"LitT", "Meta"})
    if (auto chunk = find(name)) md5.update(*chunk);
  return md5.finish();
}

bool is_gzip(Bytes data) { return data.size() > 2 && data[0] == 0x1f && data[1] == 0x8b; }

std::expected<std::vector<uint8_t>, BeamError> gunzip(Bytes data, size_t limit) {
  z_stream stream{};
  if (data.size() > UINT32_MAX || inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return refuse("", 0, "cannot be inflated");
  stream.next_in = const_cast<uint8_t*>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  std::vector<uint8_t> out;
  int status = Z_OK;
  while (status == Z_OK && out.size() < limit) {
    size_t used = out.size();
    out.resize(std::min(used + std::max<size_t>(data.size() * 4, 65536), limit));
    stream.next_out = out.data() + used;
    stream.avail_out = static_cast<uInt>(out.size() - used);
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status == Z_OK) return refuse("", 0, fmt::format("the file inflates to more than {} bytes", limit));
  if (status != Z_STREAM_END) return refuse("", 0, "the gzip stream is damaged");
  return out;
}

std::expected<std::vector<uint8_t>, BeamError> inflate_exactly(Bytes data, size_t size, std::string_view chunk) {
  // Deflate cannot do better than about 1 to 1032: a larger claim is a lie, and no memory is spent on it.
  if (size / 1040 > data.size())
    return refuse(chunk, 0, fmt::format("{} bytes cannot inflate to {}", data.size(), size));
  std::vector<uint8_t> out(size);
  uLongf out_size = size;
  if (uncompress(out.data(), &out_size, data.data(), data.size()) != Z_OK || out_size != size)
    return refuse(chunk, 4, fmt::format("the compressed data is damaged, or does not inflate to {} bytes", size));
  return out;
}

uint32_t ChunkReader::count(size_t record_bytes) {
  size_t at = offset();
  uint32_t records = u32();
  if (!failed_ && records > left() / record_bytes) {
    fail_at(at, fmt::format("{} records cannot fit in the {} bytes that follow", records, left()));
    return 0;
  }
  return records;
}

void ChunkReader::fail(std::string reason) { fail_at(offset(), std::move(reason)); }

void ChunkReader::fail_at(size_t offset, std::string reason) {
  if (failed_) return;
  failed_ = true;
  error_ = {std::string(chunk_), offset, std::move(reason)};
}

void ChunkReader::fail_short(size_t count) { fail(fmt::format("{} bytes expected, {} left", count, left())); }

}  // namespace hanse
