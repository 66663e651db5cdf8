// Layout of packed CSV: a byte for the form; then, for packed numbers, the header line (length,
// bytes), the number of columns, the decimals of each column, and row by row the zigzag difference
// from the row above. Every count is a variable-length integer, seven bits to a byte, low bits
// first.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/app/link/link.h"

namespace neural_ode::web {
namespace {

enum class Form : std::uint8_t { text = 0, packed = 1 };
constexpr int most_decimals = 9;
constexpr std::size_t most_columns = 16;
// Multiples stay where every whole number is a double, so that no digit is lost on the way.
constexpr std::int64_t largest_multiple = 1ll << 52;

struct Table {
  std::string header;
  std::size_t columns = 0;
  std::vector<int> decimals;
  std::vector<std::int64_t> values;  // row by row, in units of 10^-decimals of the column
};

struct Decimal {
  std::int64_t digits = 0;
  int decimals = 0;
};

// "-0.125" as -125 and 3 decimals; nothing for exponents, too many digits or anything else.
std::optional<Decimal> read_decimal(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  Decimal number;
  bool point = false, any = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    number.digits = number.digits * 10 + (c - '0');
    if (point) ++number.decimals;
    if (number.digits > largest_multiple || number.decimals > most_decimals) return std::nullopt;
  }
  // Minus zero would come back as zero.
  if (!any || (negative && number.digits == 0)) return std::nullopt;
  if (negative) number.digits = -number.digits;
  return number;
}

std::string write_decimal(std::int64_t digits, int decimals) {
  std::string text = std::to_string(digits < 0 ? -digits : digits);
  const auto places = static_cast<std::size_t>(decimals);
  if (places > 0) {
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, ".");
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return digits < 0 ? "-" + text : text;
}

std::optional<std::int64_t> scaled(std::int64_t digits, int places) {
  for (; places > 0; --places) {
    digits *= 10;
    if (digits > largest_multiple || digits < -largest_multiple) return std::nullopt;
  }
  return digits;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<Table> read_table(std::string_view csv) {
  Table table;
  std::vector<Decimal> numbers;
  bool first = true;
  for (std::string_view line : split(csv, '\n')) {
    if (line.empty()) continue;
    const auto fields = split(line, ',');
    const bool is_header = first && !read_decimal(fields.front());
    first = false;
    if (is_header) {
      table.header = line;
      continue;
    }
    if (table.columns == 0) table.columns = fields.size();
    if (fields.size() != table.columns || table.columns > most_columns) return std::nullopt;
    for (const std::string_view field : fields) {
      const auto number = read_decimal(field);
      if (!number) return std::nullopt;
      numbers.push_back(*number);
    }
  }
  if (table.columns == 0) return std::nullopt;
  table.decimals.assign(table.columns, 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    int& decimals = table.decimals[i % table.columns];
    decimals = std::max(decimals, numbers[i].decimals);
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto value =
        scaled(numbers[i].digits, table.decimals[i % table.columns] - numbers[i].decimals);
    if (!value) return std::nullopt;
    table.values.push_back(*value);
  }
  return table;
}

void put(std::vector<std::uint8_t>& bytes, std::uint64_t value) {
  for (; value >= 128; value >>= 7) bytes.push_back(static_cast<std::uint8_t>(value | 128u));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

class Reader {
 public:
  explicit Reader(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  std::size_t left() const { return bytes_.size() - at_; }

  std::optional<std::uint64_t> get() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      if (at_end()) return std::nullopt;
      const std::uint8_t byte = bytes_[at_++];
      value |= static_cast<std::uint64_t>(byte & 127u) << shift;
      if (byte < 128) return value;
    }
    return std::nullopt;
  }

  std::string text(std::size_t size) {
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(at_);
    at_ += size;
    return std::string(begin, begin + static_cast<std::ptrdiff_t>(size));
  }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::uint8_t> pack_csv(std::string_view csv) {
  std::vector<std::uint8_t> bytes;
  const auto table = read_table(csv);
  if (!table) {
    bytes.push_back(static_cast<std::uint8_t>(Form::text));
    bytes.insert(bytes.end(), csv.begin(), csv.end());
    return bytes;
  }
  bytes.push_back(static_cast<std::uint8_t>(Form::packed));
  put(bytes, table->header.size());
  bytes.insert(bytes.end(), table->header.begin(), table->header.end());
  put(bytes, table->columns);
  for (const int decimals : table->decimals) put(bytes, static_cast<std::uint64_t>(decimals));
  for (std::size_t i = 0; i < table->values.size(); ++i) {
    const std::int64_t above = i < table->columns ? 0 : table->values[i - table->columns];
    const std::int64_t difference = table->values[i] - above;
    // Zigzag: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
    put(bytes, (static_cast<std::uint64_t>(difference) << 1) ^
                   static_cast<std::uint64_t>(difference >> 63));
  }
  return bytes;
}

std::optional<std::string> unpack_csv(const std::vector<std::uint8_t>& bytes) {
  if (bytes.empty()) return std::nullopt;
  if (bytes[0] == static_cast<std::uint8_t>(Form::text)) {
    return std::string(bytes.begin() + 1, bytes.end());
  }
  if (bytes[0] != static_cast<std::uint8_t>(Form::packed)) return std::nullopt;

  Reader reader(bytes);
  (void)reader.get();
  const auto header_size = reader.get();
  if (!header_size || *header_size > reader.left()) return std::nullopt;
  std::string csv = reader.text(static_cast<std::size_t>(*header_size));
  if (!csv.empty()) csv += '\n';
  const auto columns = reader.get();
  if (!columns || *columns == 0 || *columns > most_columns) return std::nullopt;
  std::vector<int> decimals;
  for (std::size_t column = 0; column < *columns; ++column) {
    const auto places = reader.get();
    if (!places || *places > most_decimals) return std::nullopt;
    decimals.push_back(static_cast<int>(*places));
  }
  std::vector<std::int64_t> row(decimals.size(), 0);
  while (!reader.at_end()) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const auto zigzag = reader.get();
      if (!zigzag) return std::nullopt;
      const auto difference =
          static_cast<std::int64_t>(*zigzag >> 1) ^ -static_cast<std::int64_t>(*zigzag & 1u);
      // Two numbers within the limit differ by at most twice of it.
      if (difference > 2 * largest_multiple || difference < -2 * largest_multiple) {
        return std::nullopt;
      }
      row[column] += difference;
      if (row[column] > largest_multiple || row[column] < -largest_multiple) return std::nullopt;
      csv += write_decimal(row[column], decimals[column]);
      csv += column + 1 < row.size() ? ',' : '\n';
    }
  }
  return csv;
}

}  // namespace neural_ode::web
