#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/train/curve_history.h"
#include "playground/catalogue/catalogue.h"
#include "playground/contract/info_json.h"
#include "playground/picture/series_style.h"
#include "playground/picture/write/frame_json.h"
#include "playground/picture/write/frame_svg.h"
#include "playground/training/safetensors.h"

using namespace neural_ode;
using nlohmann::json;

namespace {

Layer layer_of(LayerKind kind) {
  Layer layer;
  layer.kind = kind;
  layer.label = "a <b> & c";
  layer.role = Role::model;
  layer.x = {0, 1, 2, 3};
  layer.y = {0.5F, 1, 0.25F, 2};
  layer.z = {0, 0.25F, 0.5F, 1};
  layer.u = {1, 0, -1, 0};
  layer.v = {0, 1, 0, -1};
  layer.nx = layer.ny = 2;
  layer.starts = {0, 2};
  layer.group = {0, 1};
  layer.times = {0, 1};
  return layer;
}

Frame sample() {
  Frame frame;
  frame.step = 7;
  frame.description = "words";
  frame.metrics = {{"loss", "loss", 0.1, Metric::Format::number, true},
                   {"unknown", "not known", std::numeric_limits<double>::quiet_NaN(),
                    Metric::Format::bytes, false}};
  Plot plot;
  plot.id = "flow";
  plot.title = "A \"title\"";
  plot.x = {"x", 0, 3, false};
  plot.y = {"y", 0.1, 10, true};
  plot.editable = plot.equal_aspect = plot.legend_beside = true;
  plot.t_end = 1;
  plot.z = {"z", -2, 5, false};
  for (const LayerKind kind :
       {LayerKind::heatmap, LayerKind::points, LayerKind::paths, LayerKind::arrows,
        LayerKind::curve, LayerKind::band, LayerKind::image, LayerKind::histogram}) {
    plot.layers.push_back(layer_of(kind));
  }
  plot.layers[4].dashed = plot.layers[4].faint = true;
  plot.layers[4].series = 3;
  frame.plots = {plot, plot};
  return frame;
}

}  // namespace

TEST_CASE("frame json: reads back to the same frame, with and without a blob") {
  const json plain = frame_to_json(sample());
  CHECK(frame_to_json(frame_from_json(plain)) == plain);
  std::vector<std::uint32_t> blob;
  const json words = frame_to_json(sample(), &blob);
  CHECK(blob.size() == 2 * 8 * (5 * 4 + 3 * 2));
  CHECK(frame_to_json(frame_from_json(words, blob)) == plain);
  const Frame back = frame_from_json(plain);
  CHECK(back.plots[0].layers[1].y[2] == 0.25F);
  CHECK(back.plots[0].layers[2].starts[1] == 2);
  CHECK(back.plots[0].layers[4].series == 3);
  CHECK(back.plots[0].legend_beside);
  CHECK(back.plots[0].z.minimum == -2);
  CHECK(std::isnan(back.find_metric("unknown")->value));
  CHECK(back.find_metric("nothing") == nullptr);
}

TEST_CASE("frame json: space and a handle read back, with and without a blob") {
  Frame frame = sample();
  frame.plots[1].spatial = true;
  frame.plots[1].layers[1].handle = true;
  std::vector<std::uint32_t> blob;
  const json plain = frame_to_json(frame), words = frame_to_json(frame, &blob);
  for (const Frame& back : {frame_from_json(plain), frame_from_json(words, blob)}) {
    CHECK_FALSE(back.plots[0].spatial);
    CHECK(back.plots[1].spatial);
    CHECK(back.plots[1].layers[1].handle);
    CHECK_FALSE(back.plots[1].layers[2].handle);
    CHECK(back.plots[1].layers[2].z == frame.plots[1].layers[2].z);
  }
}

TEST_CASE("frame json: odd input keeps the defaults") {
  CHECK(frame_from_json(json::parse("[1,2]")).plots.empty());
  const json odd = json::parse(
      R"({"step":"x","plots":[{"id":3,"x":[],"blob":true,"layers":[{"kind":"no","x":[5,9],"z":[4000000000,4000000000]}]},7],"metrics":[null]})");
  const Frame frame = frame_from_json(odd);
  CHECK(frame.step == 0);
  REQUIRE(frame.plots.size() == 2);
  CHECK(frame.plots[0].layers[0].x.empty());
  CHECK(frame.plots[0].layers[0].kind == LayerKind::points);
}

TEST_CASE("info json: the tables of all experiments read back the same") {
  for (const std::string_view name : all_experiments().names()) {
    const ExperimentInfo info = *all_experiments().info(name);
    const json table = info_to_json(info);
    const ExperimentInfo back = info_from_json(table);
    CHECK(info_to_json(back) == table);
    CHECK(Settings(back.parameters) == Settings(info.parameters));
    CHECK(back.suggestions.size() == info.suggestions.size());
  }
}

TEST_CASE("suggestions: name parameters and values that exist") {
  for (const std::string_view name : all_experiments().names()) {
    const ExperimentInfo info = *all_experiments().info(name);
    for (const Suggestion& suggestion : info.suggestions) {
      Settings settings(info.parameters);
      for (const auto& pair : suggestion.values) {
        CAPTURE(pair.first);
        CHECK_FALSE(settings.set(pair.first, pair.second));
      }
    }
  }
}

TEST_CASE("svg: every kind of layer is drawn and text is escaped") {
  const std::string svg = frame_to_svg(sample());
  CHECK(svg.find("<svg") == 0);
  CHECK(svg.find("</svg>") != std::string::npos);
  CHECK(svg.find("a <b>") == std::string::npos);
  CHECK(svg.find("a &lt;b&gt; &amp; c") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("<circle") != std::string::npos);
  CHECK(svg.find("stroke-dasharray") != std::string::npos);
  CHECK(frame_to_svg(Frame()).find("</svg>") != std::string::npos);
}

TEST_CASE("svg: a logarithmic axis counts decades, and a curve of many has its marks") {
  Plot plot;
  plot.x = {"evaluations", 10, 1e6, true};
  plot.y = {"relative error", 1e-12, 1, true};
  plot.legend_beside = true;
  for (int i = 0; i < 20; ++i) {
    Layer curve;
    curve.kind = LayerKind::curve;
    curve.label = "method " + std::to_string(i);
    curve.series = i;
    curve.x = {100, 1000};
    curve.y = {1e-3F, 1e-6F};
    plot.layers.push_back(curve);
  }
  Frame frame;
  frame.plots = {plot};
  const std::string svg = frame_to_svg(frame);
  for (int i = 0; i < 20; ++i) {
    CHECK(svg.find(">method " + std::to_string(i) + "<") != std::string::npos);
  }
  CHECK(svg.find(">10<tspan dy=\"-4.5\" font-size=\"8.5\">\u22126</tspan>") != std::string::npos);
  // Circles of series 0, 8 and 16: two vertices and a row of the legend each.
  std::size_t circles = 0;
  for (std::size_t at = svg.find("r=\"3.6\""); at != std::string::npos;
       at = svg.find("r=\"3.6\"", at + 1)) {
    ++circles;
  }
  CHECK(circles == 9);
}

TEST_CASE("svg: a logarithmic axis with one decade has numbers too") {
  Frame frame;
  frame.plots.resize(1);
  frame.plots[0].x = {"evaluations", 3e4, 3e5, true};
  const std::string svg = frame_to_svg(frame);
  const std::string power = "10<tspan dy=\"-4.5\" font-size=\"8.5\">";
  CHECK(svg.find(">5\u00b7" + power + "4<") != std::string::npos);
  CHECK(svg.find(">" + power + "5<") != std::string::npos);
  CHECK(svg.find(">2\u00b7" + power + "5<") != std::string::npos);
}

TEST_CASE("series: no two of the first 56 look the same") {
  for (int i = 0; i < 56; ++i) {
    for (int j = 0; j < i; ++j) {
      const SeriesStyle a = series_style(i), b = series_style(j);
      CHECK_FALSE((a.colour == b.colour && a.marker == b.marker));
    }
  }
}

TEST_CASE("svg: points with values are coloured by them, and the legend shows the scale") {
  Plot plot;
  plot.legend_beside = true;
  Layer points = layer_of(LayerKind::points);
  points.label = "time";
  points.group.clear();
  points.z = {0, 5, 10, 20};
  points.z_max = 20;
  plot.layers = {points};
  Frame frame;
  frame.plots = {plot};
  const std::string svg = frame_to_svg(frame);
  CHECK(svg.find("r=\"2.6\" fill=\"#440154\"") != std::string::npos);
  CHECK(svg.find("r=\"2.6\" fill=\"#7ad151\"") != std::string::npos);
  CHECK(svg.find(">time</text>") != std::string::npos);
  CHECK(svg.find(">20</text>") != std::string::npos);
}

TEST_CASE("curve history: never more than 400 points, and their mean is the mean of all") {
  CurveHistory history;
  for (int i = 1; i <= 5000; ++i) history.add(i, i % 2);
  CHECK(history.steps().size() <= 401);
  CHECK(history.steps().size() >= 200);
  CHECK(history.values()[3] == doctest::Approx(0.5));
  CurveHistory copy;
  REQUIRE(copy.unpack(history.pack()));
  for (int i = 5001; i < 5100; ++i) {
    history.add(i, 1);
    copy.add(i, 1);
  }
  CHECK(copy.pack() == history.pack());
  CHECK_FALSE(copy.unpack({1, 0, 0}));
  CHECK_FALSE(copy.unpack({0, 0, 0, 0}));
}

TEST_CASE("safetensors: reads back what was written") {
  TensorFile file;
  file.tensors["w"] = {Tensor::Type::f32, {2, 3}, {1, 2, 3, 4, 5, 0.5}};
  file.tensors["history"] = {Tensor::Type::f64, {1}, {0.1}};
  file.tensors["none"] = {Tensor::Type::f32, {0}, {}};
  file.metadata["step"] = "12";
  const auto bytes = write_safetensors(file);
  CHECK(bytes.size() % 4 == 0);
  const auto back = read_safetensors(bytes);
  REQUIRE(back);
  CHECK(back.value().metadata.at("step") == "12");
  CHECK(back.value().tensors.at("w").values == file.tensors["w"].values);
  CHECK(back.value().tensors.at("w").shape == std::vector<std::int64_t>{2, 3});
  CHECK(back.value().tensors.at("history").values[0] == 0.1);
  CHECK(back.value().tensors.at("none").values.empty());
}

TEST_CASE(
    "safetensors: every truncation and every flipped byte is refused or read, never a crash") {
  TensorFile file;
  file.tensors["w"] = {Tensor::Type::f32, {2}, {1, 2}};
  const auto bytes = write_safetensors(file);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(read_safetensors(std::span(bytes).first(size)));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {1, 16, 128, 255}) {
      auto odd = bytes;
      odd[i] = static_cast<std::uint8_t>(odd[i] ^ flip);
      const auto read = read_safetensors(odd);
      CHECK((read || !read.error().empty()));
    }
  }
}

TEST_CASE("safetensors: headers that lie are refused") {
  const auto with_header = [](const std::string& header) {
    std::vector<std::uint8_t> bytes(8);
    bytes[0] = static_cast<std::uint8_t>(header.size());
    bytes[1] = static_cast<std::uint8_t>(header.size() >> 8);
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.resize(bytes.size() + 8);
    return bytes;
  };
  for (const std::string header :
       {"[]", "{", R"({"w":3})", R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
        R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
        R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
        R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
        R"({"w":{"dtype":"F32","shape":[99],"data_offsets":[0,396]}})",
        R"({"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})"}) {
    CAPTURE(header);
    CHECK_FALSE(read_safetensors(with_header(header)));
  }
  CHECK(read_safetensors(with_header(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})")));
  std::vector<std::uint8_t> absurd(16, 0xff);
  CHECK_FALSE(read_safetensors(absurd));
}
