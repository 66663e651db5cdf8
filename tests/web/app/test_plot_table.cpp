#include "web/app/tables/plot_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "playground/catalogue/catalogue.h"

using namespace neural_ode;
using namespace neural_ode::web;

namespace {

using Numbers = std::vector<float>;

template <class Type>
Layer layer_of(std::string label, Numbers x, Numbers y) {
  Type shape;
  shape.x = std::move(x);
  shape.y = std::move(y);
  return make_layer(std::move(shape), Role::neutral, std::move(label));
}

Layer curve_of(std::string label, Numbers x, Numbers y) {
  return layer_of<Curve>(std::move(label), std::move(x), std::move(y));
}

PlotTable whole_table(const Plot& plot) {
  std::vector<const Layer*> layers;
  for (const Layer& layer : plot.layers) layers.push_back(&layer);
  return table_of(plot, layers);
}

std::vector<std::string> names(const PlotTable& table) {
  std::vector<std::string> found;
  for (const TableColumn& column : table.columns) found.push_back(column.name);
  return found;
}

using Names = std::vector<std::string>;
constexpr float missing = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("plot table: curves of the same x share its column, in whatever order they come") {
  Plot plot;
  plot.x.label = "step";
  plot.layers = {curve_of("train", {0, 1, 2}, {5, 6, 7}), curve_of("test", {0, 2}, {8, 9}),
                 curve_of("recurrent", {0, 1, 2}, {1, 2, 3})};
  const PlotTable table = whole_table(plot);
  CHECK(names(table) == Names{"step", "train", "recurrent", "step", "test"});
  CHECK(table.rows == 3);
  CHECK(table.columns[0].layer == nullptr);
  CHECK(table.columns[2].layer == &plot.layers[2]);
  CHECK(table.columns[4].values == std::vector<float>{8, 9});
  CHECK(csv_of(table) == "step,train,recurrent,step,test\n0,5,1,0,8\n1,6,2,2,9\n2,7,3,,\n");
}

TEST_CASE("plot table: a layer that is not shown has no column") {
  Plot plot;
  plot.layers = {curve_of("a", {0}, {1}), curve_of("b", {0}, {2})};
  CHECK(names(table_of(plot, {&plot.layers[1]})) == Names{"x", "b"});
  CHECK(table_of(plot, {}).rows == 0);
}

TEST_CASE("plot table: points between curves keep their own x, and later curves go to their x") {
  Plot plot;
  plot.x.label = "t";
  plot.y.label = "x";
  plot.layers = {curve_of("fit", {0, 1}, {2, 3}), layer_of<Points>("observed", {0, 1}, {4, 5}),
                 curve_of("true", {0, 1}, {6, 7})};
  CHECK(names(whole_table(plot)) == Names{"t", "fit", "true", "observed t", "observed x"});
  std::get<Points>(plot.layers[1].shape).group = {1, 0};
  CHECK(names(whole_table(plot)).back() == "observed class");
}

TEST_CASE("plot table: a band has two edges, a histogram an edge more than counts") {
  Plot plot;
  plot.x.label = "z";
  const Numbers x = {0, 1, 2};
  plot.layers = {make_layer(Band{x, {1, 1, 1}, {2, 2, 3}}, Role::neutral, "posterior"),
                 make_layer(Histogram{x, {10, 20}}, Role::neutral, "codes")};
  const PlotTable table = whole_table(plot);
  CHECK(names(table) == Names{"z", "posterior low", "posterior high", "codes count"});
  CHECK(csv_of(table).find("\n2,1,3,\n") != std::string::npos);
}

TEST_CASE("plot table: paths say which one a vertex belongs to, and when it is passed") {
  Plot plot;
  Paths paths;
  paths.x = {0, 1, 2, 3};
  paths.y = {4, 5, 6, 7};
  paths.starts = {0, 2};
  paths.times = {0, 0.5f};
  plot.layers = {make_layer(paths)};
  plot.equal_aspect = true;
  CHECK(csv_of(whole_table(plot)) == "path,t,x,y\n1,0,0,4\n1,0.5,1,5\n2,0,2,6\n2,0.5,3,7\n");

  SUBCASE("paths over the same x share all of it") {
    plot.equal_aspect = false;
    plot.layers = {make_layer(paths, Role::neutral, "a"), make_layer(paths, Role::neutral, "b")};
    CHECK(names(whole_table(plot)) == Names{"path", "t", "x", "a", "b"});
    std::get<Paths>(plot.layers[1].shape).starts = {0, 3};
    CHECK(names(whole_table(plot)).size() == 7);
  }
  SUBCASE("one path whose axis is the time needs neither") {
    paths.starts = {0};
    paths.times = paths.x;
    plot.layers = {make_layer(paths)};
    CHECK(names(whole_table(plot)) == Names{"x", "y"});
  }
}

TEST_CASE("plot table: what lies in space has three coordinates, named by the axes") {
  Plot plot;
  plot.spatial = true;
  plot.z.label = "y3";
  Points points;
  points.append(1, 2, 3);
  Paths path;
  path.append(4, 5, 6);
  path.append(7, 8, 9);
  Polygon polygon;
  polygon.append(10, 11, 12);
  plot.layers = {make_layer(points, Role::neutral, "a"), make_layer(path, Role::neutral, "b"),
                 make_layer(polygon, Role::neutral, "c")};
  for (const bool equal : {false, true}) {
    plot.equal_aspect = equal;
    const PlotTable table = whole_table(plot);
    CHECK(names(table) == Names{"a x", "a y", "a y3", "b x", "b y", "b y3", "c x", "c y", "c y3"});
    CHECK(table.columns[5].values == Numbers{6, 9});
    CHECK(table.columns[8].values == Numbers{12});
  }
}

TEST_CASE("plot table: a heat map is one line, and so is a page of images") {
  Plot plot;
  Heatmap map;
  map.nx = 64;
  map.ny = 32;
  map.z.assign(64 * 32 * 3, 0.5f);
  map.times = {0, 0.5f, 1};
  map.z_max = 1.5f;
  Image image;
  image.nx = image.ny = 8;
  plot.layers = {make_layer(map, Role::neutral, "density"), make_layer(image), make_layer(image),
                 make_layer(image)};
  const PlotTable table = whole_table(plot);
  CHECK(table.rows == 0);
  CHECK(table.columns.empty());
  CHECK(table.notes ==
        Names{"density: a grid of 64 × 32, 0 to 1.5, at 3 times", "3 grids of 8 × 8"});
}

TEST_CASE("plot table: every float comes back from the CSV, and what is missing is left out") {
  const std::vector<float> values = {0.1f, 1.0f / 3, 1e-30f, 16777217.0f, -2.5f, missing};
  Plot plot;
  plot.layers = {curve_of("loss, \"test\"", {0, 1, 2, 3, 4, 5}, values)};
  const std::string csv = csv_of(whole_table(plot));
  CHECK(csv.substr(0, csv.find('\n')) == "x,\"loss, \"\"test\"\"\"");
  CHECK(csv.find("\n0,0.1\n") != std::string::npos);  // not 0.100000001
  CHECK(csv.substr(csv.size() - 4) == "\n5,\n");
  std::size_t at = csv.find('\n');
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    at = csv.find(',', at) + 1;
    CHECK(std::stof(csv.substr(at)) == values[i]);
  }
}

TEST_CASE("plot table: cells have the digits of their column") {
  const auto cells = [](std::vector<float> y) {
    Plot plot;
    plot.layers = {curve_of("y", std::vector<float>(y.size(), 0), y)};
    const PlotTable table = whole_table(plot);
    Names texts;
    std::size_t widest = 0;
    for (std::size_t row = 0; row <= y.size(); ++row) {
      texts.push_back(cell_text(table.columns[1], row));
      std::size_t characters = 0;
      for (const char byte : texts.back()) characters += (byte & 0xc0) != 0x80;
      widest = std::max(widest, characters);
    }
    CHECK(table.columns[1].characters == static_cast<int>(widest));
    return texts;
  };
  CHECK(cells({0, 40, 400}) == Names{"0", "40", "400", ""});
  CHECK(cells({0.5f, -1.25f, missing}) == Names{"0.5000", "−1.2500", "—", ""});
  CHECK(cells({123.5f, 0}) == Names{"123.50", "0.00", ""});
  // Errors that fall by decades.
  CHECK(cells({0.1f, 1e-8f, 0}) == Names{"1.000e-01", "1.000e-08", "0", ""});
  CHECK(cells({2e7f}) == Names{"2.000e+07", ""});
}

TEST_CASE("plot table: every plot of every experiment has one, with all of its curves") {
  for (const std::string_view name : all_experiments().names()) {
    const auto experiment = all_experiments().make(name);
    Settings settings(experiment->info().parameters);
    if (!experiment->reset(settings, 0)) continue;  // digits: without images there is no run
    for (const Plot& plot : experiment->frame().plots) {
      const PlotTable table = whole_table(plot);
      std::size_t curves = 0, found = 0;
      for (const Layer& layer : plot.layers) {
        const auto* curve = std::get_if<Curve>(&layer.shape);
        curves += curve && !curve->y.empty();
      }
      for (const TableColumn& column : table.columns)
        found += column.layer && std::holds_alternative<Curve>(column.layer->shape);
      CHECK_MESSAGE(found == curves, name, " ", plot.id);
      CHECK_MESSAGE((plot.layers.empty() || table.rows > 0 || !table.notes.empty() || curves == 0),
                    name, " ", plot.id);
    }
  }
}
