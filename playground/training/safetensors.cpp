#include "playground/training/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace neural_ode {

namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t length_bytes = 8;
constexpr std::uint64_t max_header = 100'000'000;  // the format's own limit

std::size_t width(Tensor::Type type) {
  return type == Tensor::Type::f32 ? 4 : 8;
}

void append(std::vector<std::uint8_t>& bytes, const void* data, std::size_t size) {
  const auto* begin = static_cast<const std::uint8_t*>(data);
  bytes.insert(bytes.end(), begin, begin + size);
}

Error refused(const std::string& what) {
  return Error{"not a usable safetensors file: " + what};
}

// Where the bytes of a tensor lie.
struct Extent {
  std::uint64_t begin = 0, end = 0;
  std::string name;
};

// "The buffer must be entirely indexed and cannot contain holes" [safetensors].
Status check_extents(std::vector<Extent> extents, std::uint64_t size) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t reached = 0;
  const std::string* before = nullptr;
  for (const Extent& extent : extents) {
    const std::string name = "'" + extent.name.substr(0, 60) + "'";
    if (extent.begin < reached) {
      return refused("tensor " + name + " overlaps tensor '" + before->substr(0, 60) + "'");
    }
    if (extent.begin > reached) {
      return refused("bytes " + std::to_string(reached) + " to " + std::to_string(extent.begin) +
                     " of its data, before tensor " + name + ", belong to none");
    }
    reached = extent.end;
    before = &extent.name;
  }
  if (reached < size) {
    return refused(std::to_string(size - reached) + " bytes behind its last tensor belong to none");
  }
  return {};
}

// Refuses names that occur twice in one object, of which JSON parsers keep one.
class Header {
 public:
  Result<json> parse(const char* begin, const char* end) {
    const json header = json::parse(
        begin, end,
        [this](int depth, json::parse_event_t event, json& value) {
          return see(static_cast<std::size_t>(depth), event, value);
        },
        false);
    if (!header.is_object()) return refused("its header is not a JSON object");
    if (!twice_.empty()) return refused("the name '" + twice_ + "' occurs twice in its header");
    return header;
  }

 private:
  // A limit: deep nesting would exhaust a small stack.
  static constexpr std::size_t deepest = 8;

  bool see(std::size_t depth, json::parse_event_t event, const json& value) {
    if (depth >= deepest) return false;
    if (event == json::parse_event_t::object_start) names_[depth + 1].clear();
    if (event == json::parse_event_t::key) {
      const std::string& name = *value.get_ptr<const std::string*>();
      if (!names_[depth].insert(name).second) twice_ = name.substr(0, 60);
    }
    return true;
  }

  std::array<std::set<std::string>, deepest + 1> names_;
  std::string twice_;
};

Status read_metadata(const json& entries, std::map<std::string, std::string>& metadata) {
  if (!entries.is_object()) return refused("its __metadata__ is not an object");
  for (const auto& entry : entries.items()) {
    if (!entry.value().is_string()) {
      return refused("'" + entry.key().substr(0, 60) + "' of its __metadata__ is not a text");
    }
    metadata[entry.key()] = *entry.value().get_ptr<const std::string*>();
  }
  return {};
}

Result<Tensor> read_tensor(const std::string& name, const json& entry,
                           std::span<const std::uint8_t> data, Extent& extent) {
  const std::string place = "tensor '" + name.substr(0, 60) + "' ";
  if (!entry.is_object()) return refused(place + "is not described by an object");
  const auto type = entry.find("dtype"), shape = entry.find("shape"),
             range = entry.find("data_offsets");
  if (type == entry.end() || shape == entry.end() || range == entry.end()) {
    return refused(place + "lacks dtype, shape or data_offsets");
  }
  Tensor tensor;
  if (*type == "F64") {
    tensor.type = Tensor::Type::f64;
  } else if (*type != "F32") {
    return refused(place + "is neither F32 nor F64");
  }
  if (!shape->is_array() || !range->is_array() || range->size() != 2 ||
      !(*range)[0].is_number_unsigned() || !(*range)[1].is_number_unsigned()) {
    return refused(place + "has a malformed shape or data_offsets");
  }
  const auto begin = (*range)[0].get<std::uint64_t>(), end = (*range)[1].get<std::uint64_t>();
  if (begin > end || end > data.size()) {
    return refused(place + "lies outside the file, which may be cut short");
  }
  extent = {begin, end, name};
  std::uint64_t count = 1;
  for (const json& side : *shape) {
    if (!side.is_number_unsigned()) return refused(place + "has a malformed shape");
    const auto size = side.get<std::uint64_t>();
    if (size > data.size() || (size != 0 && count > data.size() / size)) {
      return refused(place + "is larger than the file");
    }
    count *= size;
    tensor.shape.push_back(static_cast<std::int64_t>(size));
  }
  if (count * width(tensor.type) != end - begin) {
    return refused(place + "has a shape that does not match its bytes");
  }
  tensor.values.resize(static_cast<std::size_t>(count));
  const std::uint8_t* source = data.data() + begin;
  for (double& value : tensor.values) {
    if (tensor.type == Tensor::Type::f32) {
      float narrow = 0;
      std::memcpy(&narrow, source, sizeof narrow);
      value = static_cast<double>(narrow);
    } else {
      std::memcpy(&value, source, sizeof value);
    }
    source += width(tensor.type);
  }
  return tensor;
}

}  // namespace

std::vector<std::uint8_t> write_safetensors(const TensorFile& file) {
  json header = json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : file.tensors) {
    const std::uint64_t size = tensor.values.size() * width(tensor.type);
    header[name] = {{"dtype", tensor.type == Tensor::Type::f32 ? "F32" : "F64"},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the values are aligned
  std::vector<std::uint8_t> bytes;
  bytes.reserve(length_bytes + text.size() + static_cast<std::size_t>(offset));
  const std::uint64_t length = text.size();
  append(bytes, &length, length_bytes);
  append(bytes, text.data(), text.size());
  for (const auto& [name, tensor] : file.tensors) {
    for (const double value : tensor.values) {
      if (tensor.type == Tensor::Type::f32) {
        const auto narrow = static_cast<float>(value);
        append(bytes, &narrow, sizeof narrow);
      } else {
        append(bytes, &value, sizeof value);
      }
    }
  }
  return bytes;
}

Result<TensorFile> read_safetensors(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < length_bytes) return refused("it is shorter than 8 bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), length_bytes);
  if (length > max_header || length > bytes.size() - length_bytes) {
    return refused("its header is longer than the file, which may be cut short");
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + length_bytes;
  const auto header = Header().parse(text, text + length);
  if (!header) return Error{header.error()};
  const auto data = bytes.subspan(length_bytes + static_cast<std::size_t>(length));
  TensorFile file;
  std::vector<Extent> extents;
  for (const auto& item : header.value().items()) {
    if (item.key() == "__metadata__") {
      if (Status status = read_metadata(item.value(), file.metadata); !status) {
        return Error{status.error()};
      }
      continue;
    }
    auto tensor = read_tensor(item.key(), item.value(), data, extents.emplace_back());
    if (!tensor) return Error{tensor.error()};
    file.tensors[item.key()] = std::move(tensor.value());
  }
  if (Status status = check_extents(std::move(extents), data.size()); !status) {
    return Error{status.error()};
  }
  return file;
}

}  // namespace neural_ode
