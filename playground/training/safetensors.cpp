#include "playground/training/safetensors.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
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

Result<Tensor> read_tensor(const std::string& name, const json& entry,
                           std::span<const std::uint8_t> data) {
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
  std::uint64_t count = 1;
  for (const json& extent : *shape) {
    if (!extent.is_number_unsigned()) return refused(place + "has a malformed shape");
    const auto size = extent.get<std::uint64_t>();
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
  // A depth limit: deep nesting would exhaust a small stack.
  const json::parser_callback_t shallow = [](int depth, json::parse_event_t, json&) {
    return depth < 8;
  };
  const json header = json::parse(text, text + length, shallow, false);
  if (!header.is_object()) return refused("its header is not a JSON object");
  const auto data = bytes.subspan(length_bytes + static_cast<std::size_t>(length));
  TensorFile file;
  for (const auto& item : header.items()) {
    if (item.key() == "__metadata__") {
      for (const auto& entry : item.value().items()) {
        if (entry.value().is_string()) {
          file.metadata[entry.key()] = *entry.value().get_ptr<const std::string*>();
        }
      }
      continue;
    }
    auto tensor = read_tensor(item.key(), item.value(), data);
    if (!tensor) return Error{tensor.error()};
    file.tensors[item.key()] = std::move(tensor.value());
  }
  return file;
}

}  // namespace neural_ode
