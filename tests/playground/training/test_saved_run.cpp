// Saved runs: what a safetensors file may be, and that a run with own data goes on anywhere.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "playground/catalogue/catalogue.h"
#include "playground/training/safetensors.h"
#include "playground/training/saved_run.h"

using namespace neural_ode;

namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::vector<std::uint8_t> file_of(const std::string& header, std::size_t data) {
  std::vector<std::uint8_t> bytes(8);
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.resize(bytes.size() + data);
  return bytes;
}

std::string tensor(const std::string& name, const std::string& shape, const std::string& offsets) {
  return '"' + name + R"(":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         '}';
}

std::string refusal(const std::string& header, std::size_t data) {
  const auto read = read_safetensors(file_of(header, data));
  return read ? "read" : read.error();
}

// Two classes of points, or curves of t,x,y.
std::string own_points() {
  std::string csv = "x,y,label\n";
  for (int i = 0; i < 60; ++i) {
    csv += std::to_string(0.1 * std::cos(i) + (i % 2)) + ',' + std::to_string(std::sin(i)) + ',' +
           std::to_string(i % 2) + '\n';
  }
  return csv;
}

std::string own_curves() {
  std::string csv = "t,x,y,trajectory\n";
  for (int i = 0; i < 60; ++i) {
    const double t = 0.1 * (i % 20);
    csv += std::to_string(t) + ',' + std::to_string(std::cos(t + i / 20)) + ',' +
           std::to_string(std::sin(t)) + ',' + std::to_string(i / 20) + '\n';
  }
  return csv;
}

struct OwnCase {
  std::string experiment, csv;
  Values values;
};

std::vector<OwnCase> own_cases() {
  return {{"classify", own_points(), {{"hidden", "4"}, {"batch", "16"}}},
          {"density", own_points(), {{"hidden", "8"}, {"batch", "32"}}},
          {"dynamics", own_curves(), {{"model", "mlp"}, {"hidden", "8"}, {"missing", "0.2"}}},
          {"latent",
           own_curves(),
           {{"hidden", "4"}, {"recurrent", "4"}, {"batch", "4"}, {"observations", "5"}}},
          {"filter", own_curves(), {{"hidden", "4"}, {"state", "4"}, {"observations", "3"}}}};
}

std::unique_ptr<Experiment> begin(const OwnCase& each) {
  auto experiment = all_experiments().make(each.experiment);
  Settings settings(experiment->info().parameters);
  for (const auto& [name, value] : each.values) REQUIRE_FALSE(settings.set(name, value));
  REQUIRE_FALSE(settings.set("data", "own"));
  REQUIRE(experiment->set_data(each.csv));
  REQUIRE(experiment->reset(settings, 3));
  return experiment;
}

}  // namespace

TEST_CASE("safetensors: every byte of the data belongs to one tensor and no more") {
  const auto two = [](const std::string& a, const std::string& b) {
    return "{" + tensor("a", "[1]", a) + "," + tensor("b", "[1]", b) + "}";
  };
  CHECK(refusal(two("[0,4]", "[4,8]"), 8) == "read");
  CHECK(refusal(two("[4,8]", "[0,4]"), 8) == "read");
  CHECK(refusal("{" + tensor("a", "[0]", "[0,0]") + "," + tensor("b", "[1]", "[0,4]") + "," +
                    tensor("c", "[]", "[4,8]") + "}",
                8) == "read");
  CHECK(refusal("{}", 0) == "read");
  const std::string no = "not a usable safetensors file: ";
  CHECK(refusal(two("[0,4]", "[0,4]"), 4) == no + "tensor 'b' overlaps tensor 'a'");
  CHECK(refusal(two("[0,4]", "[2,6]"), 6) == no + "tensor 'b' overlaps tensor 'a'");
  CHECK(refusal(two("[0,4]", "[6,10]"), 10) ==
        no + "bytes 4 to 6 of its data, before tensor 'b', belong to none");
  CHECK(refusal(two("[4,8]", "[8,12]"), 12) ==
        no + "bytes 0 to 4 of its data, before tensor 'a', belong to none");
  CHECK(refusal(two("[0,4]", "[4,8]"), 9) == no + "1 bytes behind its last tensor belong to none");
  CHECK(refusal("{}", 4) == no + "4 bytes behind its last tensor belong to none");
}

TEST_CASE("safetensors: places and shapes that cannot be are refused by the tensor's name") {
  for (const auto& each : std::vector<std::pair<std::string, std::string>>{
           {"[1]", "[-4,0]"},
           {"[1]", "[0,-4]"},
           {"[1]", "[0,18446744073709551615]"},
           {"[1]", "[18446744073709551612,18446744073709551615]"},
           {"[1]", "[0,18446744073709551620]"},
           {"[1]", "[0.0,4.0]"},
           {"[1]", "[4,0]"},
           {"[1]", "[0,4,8]"},
           {"[1]", "[0]"},
           {"[1]", "{}"},
           {"[2]", "[0,4]"},
           {"[-1]", "[0,4]"},
           {"[1.0]", "[0,4]"},
           {"1", "[0,4]"},
           {"[4611686018427387904,4]", "[0,4]"},
           {"[2147483648,2147483648,2147483648]", "[0,4]"}}) {
    CAPTURE(each.first + " " + each.second);
    const std::string message = refusal("{" + tensor("w", each.first, each.second) + "}", 4);
    CHECK(message.find("not a usable safetensors file: tensor 'w' ") == 0);
  }
}

TEST_CASE("safetensors: names that occur twice and metadata that are no text are refused") {
  const std::string once = tensor("w", "[1]", "[0,4]");
  CHECK(refusal("{" + once + "," + once + "}", 4).find("the name 'w' occurs twice") !=
        std::string::npos);
  CHECK(refusal(R"({"w":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,4]}})", 4)
            .find("the name 'dtype' occurs twice") != std::string::npos);
  CHECK(refusal(R"({"__metadata__":{"step":"1","step":"2"}})", 0).find("'step' occurs twice") !=
        std::string::npos);
  CHECK(refusal(R"({"__metadata__":{"step":1}})", 0).find("'step' of its __metadata__") !=
        std::string::npos);
  CHECK(refusal(R"({"__metadata__":[]})", 0).find("__metadata__ is not an object") !=
        std::string::npos);
  // The same name in two tensors is no repetition.
  CHECK(refusal("{" + once + "," + tensor("v", "[1]", "[4,8]") + "}", 8) == "read");
}

TEST_CASE("saved run: own data travel in it, and an experiment that had none goes on to the bit") {
  for (const OwnCase& each : own_cases()) {
    CAPTURE(each.experiment);
    const auto whole = begin(each), first = begin(each);
    for (int i = 0; i < 6; ++i) REQUIRE(whole->step().ok);
    for (int i = 0; i < 4; ++i) REQUIRE(first->step().ok);
    const auto bytes = first->save();

    const auto run = read_saved_run(bytes);
    REQUIRE(run);
    REQUIRE(run.value().own_data);
    const auto second = all_experiments().make(each.experiment);
    const auto settings = settings_of(run.value(), second->info());
    REQUIRE(settings);
    CHECK(check_own_data(run.value(), settings.value()));
    REQUIRE(second->set_data(*run.value().own_data));
    CHECK(second->data_csv() == first->data_csv());
    REQUIRE(second->reset(settings.value(), run.value().seed));
    REQUIRE(second->load(bytes));
    CHECK(second->save() == bytes);
    for (int i = 0; i < 2; ++i) REQUIRE(second->step().ok);
    CHECK(second->save() == whole->save());
  }
}

TEST_CASE("saved run: data that the program made do not travel") {
  const auto experiment = all_experiments().make("classify");
  Settings settings(experiment->info().parameters);
  REQUIRE(experiment->set_data(own_points()));
  REQUIRE(experiment->reset(settings, 0));
  const auto run = read_saved_run(experiment->save());
  REQUIRE(run);
  CHECK_FALSE(run.value().own_data);
  CHECK(check_own_data(run.value(), settings));
}

TEST_CASE("saved run: one on own data that does not hold them is refused, and why") {
  const auto first = begin(own_cases()[0]);
  auto file = read_safetensors(first->save());
  REQUIRE(file);
  file.value().metadata.erase("own_data");
  const auto run = read_saved_run(write_safetensors(file.value()));
  REQUIRE(run);
  const auto settings = settings_of(run.value(), first->info());
  REQUIRE(settings);
  const Status status = check_own_data(run.value(), settings.value());
  REQUIRE_FALSE(status);
  CHECK(status.error().find("data of one's own") != std::string::npos);
}

TEST_CASE("saved run: a description that is damaged or of another experiment is refused by name") {
  const auto experiment = all_experiments().make("classify");
  REQUIRE(experiment->reset(Settings(experiment->info().parameters), 0));
  const auto file = read_safetensors(experiment->save());
  REQUIRE(file);
  const auto with = [&](const std::string& name, const std::string& value) {
    TensorFile changed = file.value();
    changed.metadata[name] = value;
    const auto run = read_saved_run(write_safetensors(changed));
    if (!run) return run.error();
    const auto settings = settings_of(run.value(), experiment->info());
    return settings ? "fits" : settings.error();
  };
  CHECK(with("seed", "18446744073709551615") == "fits");
  for (const char* seed : {"-1", "", "18446744073709551616", "1.5", "x"}) {
    CHECK(with("seed", seed).find("its seed is '" + std::string(seed) + "'") != std::string::npos);
  }
  CHECK(with("step", "-3").find("its step is '-3'") != std::string::npos);
  CHECK(with("parameter.hidden", "1e9").find("hidden: 1e9 is outside") != std::string::npos);
  CHECK(with("parameter.hiden", "3").find("did you mean 'hidden'") != std::string::npos);
  CHECK(with("experiment", "dynamics").find("is of the experiment 'dynamics', not 'classify'") !=
        std::string::npos);
}
