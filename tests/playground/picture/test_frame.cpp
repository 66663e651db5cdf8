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
#include "tests/support/shapes.h"

using namespace neural_ode;
using nlohmann::json;
using testing::shape_of;

namespace {

const std::vector<float> four = {0, 1, 2, 3};

// One of each type, with all that it has.
std::vector<Layer> layers_of_all_types() {
  const Vertices places{four, {0.5F, 1, 0.25F, 2}};
  const Grid grid{2, 2, {0, 1}, {0.5F, 2}, {0, 0.25F, 0.5F, 1}};
  Heatmap heatmap;
  static_cast<Grid&>(heatmap) = grid;
  heatmap.z_max = 2;
  heatmap.diverging = true;
  Image image;
  static_cast<Grid&>(image) = grid;
  Points points;
  static_cast<Vertices&>(points) = places;
  points.value = {0, 0.25F, 0.5F, 1};
  points.group = {0, 1, 1, 0};
  points.value_min = -1;
  Paths paths;
  static_cast<Vertices&>(paths) = places;
  paths.starts = {0, 2};
  paths.group = {0, 1};
  paths.times = {0, 1};
  paths.smooth = true;
  Arrows arrows;
  static_cast<Vertices&>(arrows) = places;
  arrows.nx = arrows.ny = 2;
  arrows.u = {1, 0, -1, 0};
  arrows.v = {0, 1, 0, -1};
  Curve curve;
  static_cast<Vertices&>(curve) = places;
  const Band band{four, {0, 0, 0, 0}, {1, 2, 1, 2}};
  const Histogram histogram{four, {5, 7, 6}};
  std::vector<Layer> layers;
  for (const Shape& shape :
       std::vector<Shape>{heatmap, points, paths, arrows, curve, band, image, histogram})
    layers.push_back(make_layer(shape, Role::model, "a <b> & c"));
  return layers;
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
  plot.equal_aspect = plot.legend_beside = true;
  plot.drawing = Plot::Drawing::trajectories;
  plot.t_end = 1;
  plot.z = {"z", -2, 5, false};
  plot.layers = layers_of_all_types();
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
  // Words of a heat map, points, paths, arrows, a curve, a band, an image and a histogram.
  CHECK(blob.size() == 2 * (8 + 16 + 14 + 16 + 8 + 12 + 8 + 7));
  CHECK(frame_to_json(frame_from_json(words, blob)) == plain);
  const Frame back = frame_from_json(plain);
  CHECK(shape_of<Points>(back.plots[0].layers[1]).y[2] == 0.25F);
  CHECK(shape_of<Points>(back.plots[0].layers[1]).value_min == -1);
  CHECK(shape_of<Paths>(back.plots[0].layers[2]).starts[1] == 2);
  CHECK(shape_of<Heatmap>(back.plots[0].layers[0]).y_range.maximum == 2);
  CHECK(back.plots[0].layers[4].series == 3);
  CHECK(back.plots[0].legend_beside);
  CHECK(back.plots[0].z.minimum == -2);
  CHECK(std::isnan(back.find_metric("unknown")->value));
  CHECK(back.find_metric("nothing") == nullptr);
}

TEST_CASE("frame json: space and a handle read back, with and without a blob") {
  Points points;
  points.append(1, 2, 3);
  points.handle = true;
  Paths paths;
  paths.append(4, 5, 6);
  Polygon polygon;
  polygon.append(7, 8, 9);
  Frame frame = sample();
  frame.plots[1].spatial = true;
  frame.plots[1].layers = {make_layer(points), make_layer(paths), make_layer(polygon)};
  std::vector<std::uint32_t> blob;
  const json plain = frame_to_json(frame), words = frame_to_json(frame, &blob);
  for (const Frame& back : {frame_from_json(plain), frame_from_json(words, blob)}) {
    CHECK_FALSE(back.plots[0].spatial);
    CHECK(back.plots[1].spatial);
    const std::vector<Layer>& layers = back.plots[1].layers;
    CHECK(shape_of<Points>(layers[0]).handle);
    CHECK(shape_of<Points>(layers[0]).z == points.z);
    CHECK(shape_of<Points>(layers[0]).value.empty());
    CHECK(shape_of<Paths>(layers[1]).z == paths.z);
    CHECK(shape_of<Polygon>(layers[2]).z == polygon.z);
    CHECK_FALSE(shape_of<Points>(back.plots[0].layers[1]).handle);
  }
}

TEST_CASE("frame json: layers are flat, with the same fields whatever they are made of") {
  const json plot = frame_to_json(sample())["plots"][0];
  const std::vector<std::string> kinds = {"heatmap", "points", "paths", "arrows",
                                          "curve",   "band",   "image", "histogram"};
  for (std::size_t i = 0; i < kinds.size(); ++i) CHECK(plot["layers"][i]["kind"] == kinds[i]);
  CHECK(
      plot["layers"][5].dump() ==
      R"({"dashed":false,"diverging":false,"faint":false,"handle":false,"heading":"","kind":"band",)"
      R"("label":"a <b> & c","nx":0,"ny":0,"role":"model","series":-1,"smooth":false,)"
      R"("x":[0.0,1.0,2.0,3.0],"y":[0.0,0.0,0.0,0.0],"z":[1.0,2.0,1.0,2.0],)"
      R"("z_max":1.0,"z_min":0.0})");
  CHECK(plot["layers"][0]["x"] == json::array({0.0, 1.0}));
  CHECK(plot["layers"][1]["z"] == json::array({0.0, 0.25, 0.5, 1.0}));
  CHECK(plot["layers"][1]["z_min"] == -1.0);
  Frame space;
  space.plots.resize(1);
  space.plots[0].spatial = true;
  space.plots[0].layers = {make_layer(Polygon())};
  CHECK(frame_to_json(space)["plots"][0]["layers"][0]["kind"] == "band");
}

TEST_CASE("frame json: odd input keeps the defaults") {
  CHECK(frame_from_json(json::parse("[1,2]")).plots.empty());
  const json odd = json::parse(
      R"({"step":"x","plots":[{"id":3,"x":[],"blob":true,"layers":[{"kind":"no","x":[5,9],"z":[4000000000,4000000000]}]},7],"metrics":[null]})");
  const Frame frame = frame_from_json(odd);
  CHECK(frame.step == 0);
  REQUIRE(frame.plots.size() == 2);
  CHECK(shape_of<Points>(frame.plots[0].layers[0]).x.empty());
}

TEST_CASE("frame json: sizes that lie leave out what cannot be drawn, and nothing breaks") {
  const std::string shapes[] = {
      R"("kind":"heatmap","nx":2147483647,"ny":2147483647,"x":[0,1],"y":[0,1],"z":[1])",
      R"("kind":"heatmap","nx":-1,"ny":-1,"x":[0,1],"y":[0,1],"z":[1])",
      R"("kind":"heatmap","nx":1,"ny":1,"x":[0],"z":[1])",
      R"("kind":"image","nx":2,"ny":2,"x":[0,1],"y":[0,1],"z":[1,2,3])",
      R"("kind":"points","x":[1,2],"y":[1],"z":[1],"group":[9,9,9,9])",
      R"("kind":"paths","x":[1,2],"y":[1],"starts":[4,1,0,7],"times":[1,2,3])",
      R"("kind":"arrows","nx":9,"ny":9,"x":[1,2],"y":[1],"u":[1,1,1])",
      R"("kind":"curve","x":[1,2],"series":3)",
      R"("kind":"band","x":[1,2],"y":[1,2],"z":[1])",
      R"("kind":"histogram","x":[1],"y":[1,2,3])"};
  for (const std::string& shape : shapes) {
    for (const char* spatial : {"false", "true"}) {
      CAPTURE(shape);
      const Frame frame = frame_from_json(json::parse(
          std::string(R"({"plots":[{"spatial":)") + spatial + R"(,"layers":[{)" + shape + "}]}]}"));
      REQUIRE(frame.plots[0].layers.size() == 1);
      CHECK(frame_to_svg(frame).find("</svg>") != std::string::npos);
      CHECK(frame_from_json(frame_to_json(frame)).plots[0].layers.size() == 1);
    }
  }
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
    Curve curve;
    curve.append(100, 1e-3);
    curve.append(1000, 1e-6);
    plot.layers.push_back(make_layer(curve, Role::neutral, "method " + std::to_string(i)));
    plot.layers.back().series = i;
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
  Points points;
  points.x = points.y = four;
  points.value = {0, 5, 10, 20};
  points.value_max = 20;
  plot.layers = {make_layer(points, Role::model, "time")};
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
