#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/kernels.h"
#include "engine/nn/concat_squash.h"
#include "engine/nn/conv.h"
#include "engine/nn/group_norm.h"
#include "engine/nn/gru.h"
#include "engine/nn/image_chain.h"
#include "engine/nn/mlp.h"
#include "engine/nn/pool.h"
#include "engine/nn/rnn.h"
#include "tests/support/layer_conformance.h"

using namespace neural_ode;
using testing::normal_matrix;

namespace {

template <class Scalar>
struct MlpUnderTest {
  explicit MlpUnderTest(const std::vector<LayerSpec>& layers) : mlp(layers) {}
  Index inputs() const { return mlp.inputs(); }
  Index outputs() const { return mlp.outputs(); }
  Index parameters() const { return mlp.layout().size(); }
  void initialize(Rng& rng, Vector<Scalar>& theta) { mlp.initialize(rng, false, theta); }
  void forward(const Vector<Scalar>& theta, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    y = mlp.forward(theta, x);
  }
  void pullback(const Vector<Scalar>& theta, const Matrix<Scalar>&, const Matrix<Scalar>& y_bar,
                Matrix<Scalar>& x_bar, Vector<Scalar>& theta_bar) {
    mlp.pullback(theta, y_bar, x_bar, theta_bar);
  }
  Mlp<Scalar> mlp;
};

// A jet with K tangents of one sample as one column: x is [x; t; x_dot_1; ... x_dot_K], whose
// tangents of t are zero, y is [y; y_dot_1; ... y_dot_K].
template <class Scalar>
struct SquashJetUnderTest {
  SquashJetUnderTest(const std::vector<LayerSpec>& layers, int k) : net(layers), tangents(k) {}
  Index dim() const { return net.inputs() - 1; }
  Index inputs() const { return dim() * (tangents + 1) + 1; }
  Index outputs() const { return Index{net.outputs()} * (tangents + 1); }
  Index parameters() const { return net.layout().size(); }
  void initialize(Rng& rng, Vector<Scalar>& theta) { net.initialize(rng, false, theta); }
  Index row(int k) const { return k == 0 ? 0 : 1 + k * dim(); }
  void forward(const Vector<Scalar>& theta, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    const Index batch = x.cols();
    jet.setZero(net.inputs(), batch * (tangents + 1));
    jet.row(dim()).head(batch) = x.row(dim());
    for (int k = 0; k <= tangents; ++k)
      jet.block(0, k * batch, dim(), batch) = x.middleRows(row(k), dim());
    const MatrixIn<Scalar> image = net.forward(theta, jet, tangents);
    for (int k = 0; k <= tangents; ++k)
      y.middleRows(k * net.outputs(), net.outputs()) = image.middleCols(k * batch, batch);
  }
  void pullback(const Vector<Scalar>& theta, const Matrix<Scalar>& x, const Matrix<Scalar>& y_bar,
                Matrix<Scalar>& x_bar, Vector<Scalar>& theta_bar) {
    const Index batch = x.cols();
    image_bar.resize(net.outputs(), batch * (tangents + 1));
    for (int k = 0; k <= tangents; ++k)
      image_bar.middleCols(k * batch, batch) = y_bar.middleRows(k * net.outputs(), net.outputs());
    if (x_bar.size() == 0) return net.pullback(theta, image_bar, x_bar, theta_bar);
    jet_bar.resize(jet.rows(), jet.cols());
    net.pullback(theta, image_bar, jet_bar, theta_bar);
    x_bar.row(dim()) = jet_bar.row(dim()).head(batch);
    for (int k = 0; k <= tangents; ++k)
      x_bar.middleRows(row(k), dim()) = jet_bar.block(0, k * batch, dim(), batch);
  }
  ConcatSquash<Scalar> net;
  int tangents;
  Matrix<Scalar> jet, jet_bar, image_bar;
};

// x is [image; t] with a time channel.
template <class Scalar>
struct ConvUnderTest {
  explicit ConvUnderTest(const ConvSpec& spec) : conv(spec), time(spec.time) {}
  Index image() const { return conv.input().size(); }
  Index inputs() const { return image() + (time ? 1 : 0); }
  Index outputs() const { return conv.output().size(); }
  Index parameters() const { return conv.layout().size(); }
  void initialize(Rng& rng, Vector<Scalar>& theta) { conv.initialize(rng, theta); }
  void forward(const Vector<Scalar>& theta, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    if (time) t = x.row(image()).transpose().template cast<double>();
    conv.forward(theta, t, x.topRows(image()), y);
  }
  void pullback(const Vector<Scalar>& theta, const Matrix<Scalar>& x, const Matrix<Scalar>& y_bar,
                Matrix<Scalar>& x_bar, Vector<Scalar>& theta_bar) {
    t_bar.setZero(time ? x.cols() : 0);
    if (x_bar.size() == 0) {
      conv.pullback(theta, t, x.topRows(image()), y_bar, x_bar, theta_bar, t_bar);
      return;
    }
    conv.pullback(theta, t, x.topRows(image()), y_bar, x_bar.topRows(image()), theta_bar, t_bar);
    if (time) x_bar.row(image()) = t_bar.transpose().template cast<Scalar>();
  }
  Conv<Scalar> conv;
  bool time;
  Vector<double> t, t_bar;
};

template <class Scalar>
struct GroupNormUnderTest {
  explicit GroupNormUnderTest(const GroupNormSpec& spec) : norm(spec) {}
  Index inputs() const { return norm.shape().size(); }
  Index outputs() const { return inputs(); }
  Index parameters() const { return norm.layout().size(); }
  void initialize(Rng&, Vector<Scalar>& theta) { norm.initialize(theta); }
  void forward(const Vector<Scalar>& theta, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    record.resize(norm.record_rows(), x.cols());
    norm.forward(theta, x, record, y);
  }
  void pullback(const Vector<Scalar>& theta, const Matrix<Scalar>& x, const Matrix<Scalar>& y_bar,
                Matrix<Scalar>& x_bar, Vector<Scalar>& theta_bar) {
    // It always writes x_bar: nothing normalises what needs no gradient.
    scratch.resize(x.rows(), x.cols());
    norm.pullback(theta, x, record, y_bar, scratch, theta_bar);
    if (x_bar.size() != 0) x_bar = scratch;
  }
  GroupNorm<Scalar> norm;
  Matrix<Scalar> record, scratch;
};

template <class Scalar>
struct PoolUnderTest {
  explicit PoolUnderTest(const ImageShape& image) : shape(image) {}
  Index inputs() const { return shape.size(); }
  Index outputs() const { return shape.channels; }
  Index parameters() const { return 0; }
  void initialize(Rng&, Vector<Scalar>&) {}
  void forward(const Vector<Scalar>&, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    average_pool<Scalar>(shape, x, y);
  }
  void pullback(const Vector<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>& y_bar,
                Matrix<Scalar>& x_bar, Vector<Scalar>&) {
    if (x_bar.size() != 0) average_pool_pullback<Scalar>(shape, y_bar, x_bar);
  }
  ImageShape shape;
};

// x is [image; t].
template <class Scalar>
struct ChainUnderTest {
  explicit ChainUnderTest(const std::vector<ImageStage>& stages) : chain(stages) {}
  Index image() const { return chain.input().size(); }
  Index inputs() const { return image() + 1; }
  Index outputs() const { return chain.output().size(); }
  Index parameters() const { return chain.layout().size(); }
  void initialize(Rng& rng, Vector<Scalar>& theta) { chain.initialize(rng, theta); }
  void forward(const Vector<Scalar>& theta, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    t = x.row(image()).transpose().template cast<double>();
    record.resize(chain.record_rows() * x.cols());
    chain.forward(theta, t, x.topRows(image()), record.data(), y);
  }
  void pullback(const Vector<Scalar>& theta, const Matrix<Scalar>& x, const Matrix<Scalar>& y_bar,
                Matrix<Scalar>& x_bar, Vector<Scalar>& theta_bar) {
    t_bar.setZero(x.cols());
    if (x_bar.size() == 0) {
      chain.pullback(theta, t, x.topRows(image()), record.data(), y_bar, x_bar, theta_bar, t_bar);
      return;
    }
    chain.pullback(theta, t, x.topRows(image()), record.data(), y_bar, x_bar.topRows(image()),
                   theta_bar, t_bar);
    x_bar.row(image()) = t_bar.transpose().template cast<Scalar>();
  }
  ImageChain<Scalar> chain;
  Vector<Scalar> record;
  Vector<double> t, t_bar;
};

// Three steps of a cell, the second without an observation where the first entry of its x is
// negative. x is [h; x_0; x_1; x_2]; the output is the last h.
template <template <class> class Cell, class Scalar>
struct SequenceUnderTest {
  static constexpr Index steps = 3;
  SequenceUnderTest(int inputs, int hidden) : cell(inputs, hidden), records(steps) {}
  Index inputs() const { return cell.hidden() + steps * cell.inputs(); }
  Index outputs() const { return cell.hidden(); }
  Index parameters() const { return cell.layout().size(); }
  void initialize(Rng& rng, Vector<Scalar>& theta) { cell.initialize(rng, theta); }
  void forward(const Vector<Scalar>& theta, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    y = x.topRows(cell.hidden());
    mask.resize(x.cols());
    for (Index i = 0; i < steps; ++i) {
      const auto input = x.middleRows(cell.hidden() + i * cell.inputs(), cell.inputs());
      for (Index s = 0; s < x.cols(); ++s)
        mask[s] = i == 1 && input(0, s) < Scalar(0) ? Scalar(0) : Scalar(1);
      Matrix<Scalar>& record = records[static_cast<std::size_t>(i)];
      record.resize(cell.record_rows(), x.cols());
      cell.forward(theta, y, input, mask, record, y);
    }
  }
  void pullback(const Vector<Scalar>& theta, const Matrix<Scalar>&, const Matrix<Scalar>& y_bar,
                Matrix<Scalar>& x_bar, Vector<Scalar>& theta_bar) {
    h_bar = y_bar;
    Matrix<Scalar> none;
    for (Index i = steps; i-- > 0;) {
      const Matrix<Scalar>& record = records[static_cast<std::size_t>(i)];
      if (x_bar.size() == 0) {
        cell.pullback(theta, record, h_bar, h_bar, none, theta_bar);
      } else {
        const Index row = cell.hidden() + i * cell.inputs();
        cell.pullback(theta, record, h_bar, h_bar, x_bar.middleRows(row, cell.inputs()), theta_bar);
      }
    }
    if (x_bar.size() != 0) x_bar.topRows(cell.hidden()) = h_bar;
  }
  Cell<Scalar> cell;
  std::vector<Matrix<Scalar>> records;
  Vector<Scalar> mask;
  Matrix<Scalar> h_bar;
};
template <class Scalar>
using GruUnderTest = SequenceUnderTest<GruCell, Scalar>;
template <class Scalar>
using RnnUnderTest = SequenceUnderTest<RnnCell, Scalar>;

struct NamedConv {
  const char* name;
  ConvSpec spec;
};

// Those of the ODE-Net (its 'conv' and 'res' downsampling), small, and some that are not square.
std::vector<NamedConv> conv_cases() {
  return {
      {"3x3", {{2, 5, 4}, 3, 3, 1, 0, true, false}},
      {"3x3 padded", {{3, 4, 5}, 2, 3, 1, 1, false, false}},
      {"3x3 padded with time", {{3, 4, 3}, 4, 3, 1, 1, true, true}},
      {"3x3 with time alone", {{2, 4, 4}, 2, 3, 1, 0, false, true}},
      {"3x3 of stride 2", {{2, 5, 6}, 2, 3, 2, 1, true, true}},
      {"4x4 of stride 2", {{2, 6, 7}, 3, 4, 2, 1, true, false}},
      {"1x1 of stride 2", {{3, 5, 4}, 2, 1, 2, 0, false, false}},
      {"one pixel", {{2, 1, 1}, 3, 3, 1, 1, true, true}},
  };
}

// The definition, one output at a time, of the sample [image; t] `x`.
double naive_conv(const ConvSpec& spec, const ParameterLayout& layout, const Vector<double>& theta,
                  const Vector<double>& x, int channel, int row, int column) {
  const auto parameter = [&](const char* name, Index i, Index j) {
    for (const ParameterSlice& slice : layout.slices())
      if (slice.name == name) return theta[slice.offset + i + j * slice.rows];
    return 0.0;
  };
  double sum = parameter("bias", channel, 0);
  for (int i = 0; i < spec.kernel; ++i) {
    for (int j = 0; j < spec.kernel; ++j) {
      const int y = row * spec.stride + i - spec.padding;
      const int z = column * spec.stride + j - spec.padding;
      if (y < 0 || y >= spec.input.height || z < 0 || z >= spec.input.width) continue;
      const int tap = i * spec.kernel + j;
      for (int c = 0; c < spec.input.channels; ++c) {
        sum += parameter("weight", channel, Index{tap} * spec.input.channels + c) *
               x[(Index{y} * spec.input.width + z) * spec.input.channels + c];
      }
      if (spec.time) sum += parameter("time_weight", channel, tap) * x[spec.input.size()];
    }
  }
  return sum;
}

double logistic(double z) {
  return 1 / (1 + std::exp(-z));
}

}  // namespace

TEST_CASE("layers: an mlp keeps the promises of a layer") {
  for (const Activation activation : {Activation::tanh, Activation::silu, Activation::identity}) {
    testing::check_layer<MlpUnderTest>(
        4, std::vector<LayerSpec>{{3, 5, activation}, {5, 4, activation}, {4, 2}});
  }
}

TEST_CASE("layers: concat-squash layers keep the promises of a layer, with tangents and without") {
  for (const Activation activation : {Activation::tanh, Activation::silu, Activation::softplus}) {
    for (const int tangents : {0, 1, 3}) {
      CAPTURE(tangents);
      testing::check_layer<SquashJetUnderTest>(4, mlp_layers(3, 5, 2, 2, activation), tangents);
    }
  }
}

TEST_CASE("concat squash: the image is the formula's, its tangents are derivatives at fixed time") {
  // (2 x - 1 + .5) sigmoid(.3 t - .2) + .7 t
  ConcatSquash<double> one({{1, 1, Activation::identity, true}});
  Vector<double> theta(5);
  theta << 2, -0.5, 0.3, -0.2, 0.7;  // W, b, w, c, s
  Matrix<double> x(2, 4);
  x << 1.5, -1, 1, 3,  // two values, a tangent of each
      0.4, 2, 0, 0;
  const Matrix<double> y = one.forward(theta, x, 1);
  const auto sigmoid = [](double a) { return 1 / (1 + std::exp(-a)); };
  const double first = sigmoid(0.3 * 0.4 - 0.2), second = sigmoid(0.3 * 2 - 0.2);
  CHECK(y(0, 0) == doctest::Approx(2.5 * first + 0.28).epsilon(1e-14));
  CHECK(y(0, 1) == doctest::Approx(-2.5 * second + 1.4).epsilon(1e-14));
  CHECK(y(0, 2) == doctest::Approx(2 * first).epsilon(1e-14));
  CHECK(y(0, 3) == doctest::Approx(6 * second).epsilon(1e-14));

  ConcatSquash<double> deep(mlp_layers(2, 6, 2, 2, Activation::tanh));
  Rng rng(4);
  Vector<double> weights(deep.layout().size());
  deep.initialize(rng, false, weights);
  Matrix<double> jet(3, 2), around(3, 2);
  jet << 0.3, 1, -0.8, 0.5, 0.6, 0;
  constexpr double step = 1e-5;
  around.col(0) = jet.col(0) + step * jet.col(1);
  around.col(1) = jet.col(0) - step * jet.col(1);
  const Matrix<double> tangent = deep.forward(weights, jet, 1).col(1);
  const Matrix<double> values = deep.evaluate(weights, around);
  CHECK((tangent - (values.col(0) - values.col(1)) / (2 * step)).norm() < 1e-9);
  deep.initialize(rng, true, weights);
  CHECK(deep.evaluate(weights, around).isZero(0));
}

TEST_CASE("layers: a convolution keeps the promises of a layer") {
  for (const NamedConv& each : conv_cases()) {
    CAPTURE(std::string(each.name));
    testing::check_layer<ConvUnderTest>(3, each.spec);
  }
}

TEST_CASE("layers: group normalisation keeps the promises of a layer") {
  for (const bool relu : {false, true}) {
    CAPTURE(relu);
    testing::check_layer<GroupNormUnderTest>(3, GroupNormSpec{{6, 3, 2}, 3, relu});
    testing::check_layer<GroupNormUnderTest>(3, GroupNormSpec{{4, 3, 3}, 4, relu});
    testing::check_layer<GroupNormUnderTest>(3, GroupNormSpec{{3, 2, 2}, 1, relu});
  }
}

TEST_CASE("layers: average pooling keeps the promises of a layer") {
  testing::check_layer<PoolUnderTest>(3, ImageShape{5, 3, 2});
}

TEST_CASE("layers: sequences of recurrent cells keep the promises of a layer, masked ones too") {
  testing::check_layer<GruUnderTest>(6, 3, 4);
  testing::check_layer<GruUnderTest>(6, 1, 1);
  testing::check_layer<RnnUnderTest>(6, 3, 4);
  testing::check_layer<RnnUnderTest>(6, 1, 1);
}

TEST_CASE("layers: chains keep the promises of a layer, whichever kind comes first and last") {
  const ImageShape shape{4, 3, 2};
  testing::check_layer<ChainUnderTest>(3, residual_branch(shape, true));
  testing::check_layer<ChainUnderTest>(3, residual_branch(shape, false));
  testing::check_layer<ChainUnderTest>(
      3, std::vector<ImageStage>{ConvSpec{{1, 8, 7}, 4, 3, 1, 0}, GroupNormSpec{{4, 6, 5}, 2, true},
                                 ConvSpec{{4, 6, 5}, 2, 4, 2, 1}});
}

TEST_CASE(
    "image chain: it is its stages one after another, and a record outlives the next forward") {
  const ImageShape shape{4, 3, 3};
  ImageChain<double> chain(residual_branch(shape, true));
  Rng rng(8);
  Vector<double> theta(chain.layout().size());
  chain.initialize(rng, theta);
  const Matrix<double> x = normal_matrix(36, 2, rng), y_bar = normal_matrix(36, 2, rng);
  Vector<double> t(2), t_bar = Vector<double>::Zero(2), no_vector;
  t << 0.3, 0.8;
  Vector<double> record(2 * chain.record_rows()), other(record.size());
  Matrix<double> y(36, 2), x_bar(36, 2), again(36, 2);
  chain.forward(theta, t, x, record.data(), y);
  chain.pullback(theta, t, x, record.data(), y_bar, x_bar, no_vector, t_bar);

  GroupNorm<double> relu({shape, 2, true}), norm({shape, 2, false});
  Conv<double> conv({shape, 4, 3, 1, 1, true, true});
  Matrix<double> statistics(4, 2), h(36, 2), z(36, 2);
  const Index size = conv.layout().size();
  REQUIRE(theta.size() == 3 * 8 + 2 * size);
  relu.forward(theta.head(8), x, statistics, h);
  conv.forward(theta.segment(8, size), t, h, z);
  relu.forward(theta.segment(8 + size, 8), z, statistics, h);
  conv.forward(theta.segment(16 + size, size), t, h, z);
  norm.forward(theta.tail(8), z, statistics, h);
  CHECK(h == y);

  chain.forward(theta, t, normal_matrix(36, 2, rng), other.data(), again);
  chain.pullback(theta, t, x, record.data(), y_bar, again, no_vector, t_bar);
  CHECK(again == x_bar);
}

TEST_CASE("conv: every output is the sum over its taps") {
  for (const NamedConv& each : conv_cases()) {
    CAPTURE(std::string(each.name));
    ConvUnderTest<double> layer(each.spec);
    Rng rng(3);
    Vector<double> theta(layer.parameters());
    layer.initialize(rng, theta);
    const Matrix<double> x = normal_matrix(layer.inputs(), 2, rng);
    Matrix<double> y(layer.outputs(), 2);
    layer.forward(theta, x, y);
    const ImageShape shape = layer.conv.output();
    for (Index s = 0; s < 2; ++s) {
      for (int i = 0; i < shape.height; ++i) {
        for (int j = 0; j < shape.width; ++j) {
          for (int c = 0; c < shape.channels; ++c) {
            const double expected =
                naive_conv(each.spec, layer.conv.layout(), theta, x.col(s), c, i, j);
            const Index row = (Index{i} * shape.width + j) * shape.channels + c;
            CHECK(y(row, s) == doctest::Approx(expected).epsilon(1e-13));
          }
        }
      }
    }
  }
}

TEST_CASE(
    "conv: the sizes of the ODE-Net's downsampling are 26, 13 and 6, and 14 for a 1x1 of stride "
    "2") {
  CHECK(Conv<float>({{1, 28, 28}, 64, 3, 1, 0}).output().height == 26);
  CHECK(Conv<float>({{64, 26, 26}, 64, 4, 2, 1}).output().height == 13);
  const Conv<float> last({{64, 13, 13}, 64, 4, 2, 1});
  CHECK(last.output().width == 6);
  CHECK(last.output().size() == 2304);
  CHECK(last.layout().size() == 64 * 64 * 16 + 64);
  CHECK(Conv<float>({{64, 28, 28}, 64, 1, 2, 0}).output().width == 14);
  // 3 x 3 with time: 9 (64 + 1) 64 weights
  CHECK(Conv<float>({{64, 6, 6}, 64, 3, 1, 1, false, true}).layout().size() == 37440);
}

TEST_CASE("conv: more pixels than a chunk, and states that lie apart, give the same values") {
  const ConvSpec spec{{2, 9, 11}, 3, 3, 1, 1, true, true};  // 99 pixels, chunks across samples
  Conv<double> conv(spec);
  Rng rng(4);
  Vector<double> theta(conv.layout().size());
  conv.initialize(rng, theta);
  const Matrix<double> x = normal_matrix(conv.input().size(), 5, rng);
  const Matrix<double> y_bar = normal_matrix(conv.output().size(), 5, rng);
  const Vector<double> t = normal_matrix(5, 1, rng);
  Matrix<double> y(conv.output().size(), 5), x_bar(x.rows(), 5);
  Vector<double> theta_bar = Vector<double>::Zero(theta.size()), t_bar = Vector<double>::Zero(5);
  conv.forward(theta, t, x, y);
  conv.pullback(theta, t, x, y_bar, x_bar, theta_bar, t_bar);
  for (Index s = 0; s < 5; ++s) {
    Vector<double> sample(x.rows() + 1);
    sample << x.col(s), t[s];
    for (int c = 0; c < 3; ++c) {
      CHECK(y((8 * 11 + 10) * 3 + c, s) ==
            doctest::Approx(naive_conv(spec, conv.layout(), theta, sample, c, 8, 10)));
    }
  }

  // Rows of taller matrices.
  Matrix<double> tall_x(x.rows() + 3, 5), tall_y(y.rows() + 2, 5), tall_x_bar(x.rows() + 1, 5);
  Matrix<double> tall_y_bar(y.rows() + 1, 5);
  tall_x.topRows(x.rows()) = x;
  tall_y_bar.bottomRows(y.rows()) = y_bar;
  Vector<double> apart_bar = Vector<double>::Zero(theta.size()), apart_t = Vector<double>::Zero(5);
  conv.forward(theta, t, tall_x.topRows(x.rows()), tall_y.topRows(y.rows()));
  conv.pullback(theta, t, tall_x.topRows(x.rows()), tall_y_bar.bottomRows(y.rows()),
                tall_x_bar.topRows(x.rows()), apart_bar, apart_t);
  CHECK(tall_y.topRows(y.rows()) == y);
  CHECK(tall_x_bar.topRows(x.rows()) == x_bar);
  CHECK(apart_t == t_bar);
  CHECK(testing::relative_error(apart_bar, theta_bar) < 1e-13);
}

TEST_CASE("group norm: a group has mean 0 and variance 1, by the definition") {
  const ImageShape shape{6, 3, 4};
  GroupNorm<double> norm({shape, 3});
  Rng rng(5);
  Vector<double> theta(norm.layout().size());
  norm.initialize(theta);
  Matrix<double> x = normal_matrix(shape.size(), 2, rng);
  x.array() += 4;
  Matrix<double> record(norm.record_rows(), 2), y(x.rows(), 2);
  norm.forward(theta, x, record, y);
  for (Index s = 0; s < 2; ++s) {
    for (Index group = 0; group < 3; ++group) {
      double sum = 0, squares = 0;
      for (Index p = 0; p < 12; ++p) {
        for (Index c = 2 * group; c < 2 * group + 2; ++c) {
          sum += x(p * 6 + c, s);
          squares += x(p * 6 + c, s) * x(p * 6 + c, s);
        }
      }
      const double mean = sum / 24, variance = squares / 24 - mean * mean;
      for (Index p = 0; p < 12; ++p) {
        const double expected = (x(p * 6 + 2 * group, s) - mean) / std::sqrt(variance + 1e-5);
        CHECK(y(p * 6 + 2 * group, s) == doctest::Approx(expected).epsilon(1e-11));
      }
    }
  }
  // gamma and beta belong to channels; relu cuts.
  theta[1] = 3;
  theta[6 + 1] = -0.5;
  Matrix<double> scaled(x.rows(), 2), cut(x.rows(), 2);
  norm.forward(theta, x, record, scaled);
  GroupNorm<double>({shape, 3, true}).forward(theta, x, record, cut);
  for (Index i = 0; i < x.size(); ++i) {
    const double plain = y.data()[i];
    const double expected = i % 6 == 1 ? 3 * plain - 0.5 : plain;
    CHECK(scaled.data()[i] == doctest::Approx(expected).epsilon(1e-11));
    CHECK(cut.data()[i] == std::max(0.0, scaled.data()[i]));
  }
}

TEST_CASE("group norm: a constant image gives beta, a large mean costs no variance") {
  const ImageShape shape{2, 3, 3};
  GroupNorm<float> norm({shape, 2});
  Vector<float> theta(4);
  theta << 1, 1, 0.25, -0.5;
  Matrix<float> x = Matrix<float>::Constant(18, 1, 3), record(4, 1), y(18, 1);
  norm.forward(theta, x, record, y);
  CHECK(y(0, 0) == 0.25F);
  CHECK(y(1, 0) == -0.5F);
  // 1000 and 1001 in turn: x_hat is +-1 (less what epsilon takes), whatever the mean.
  for (Index p = 0; p < 8; ++p) x.col(0).segment(2 * p, 2).setConstant(p % 2 == 0 ? 1000 : 1001);
  x.col(0).tail(2).setConstant(1000.5);
  norm.forward(theta, x, record, y);
  CHECK(y(0, 0) == doctest::Approx(0.25 - std::sqrt(9.0 / 8)).epsilon(1e-3));
}

TEST_CASE("pool: the mean over pixels") {
  Matrix<double> x(8, 1), y(2, 1);
  x << 1, 10, 2, 20, 3, 30, 6, 60;
  average_pool<double>({2, 2, 2}, x, y);
  CHECK(y(0, 0) == doctest::Approx(3));
  CHECK(y(1, 0) == doctest::Approx(30));
}

TEST_CASE("gru: one unit by hand, gates in the order r, z, n") {
  GruCell<double> cell(2, 1);
  REQUIRE(cell.layout().size() == 6 + 3 + 3 + 3);
  CHECK(cell.layout().slices()[0].name == "weight_ih");
  CHECK(cell.layout().slices()[3].name == "bias_hh");
  Vector<double> theta(15);
  theta << 0.1, -0.2, 0.3, 0.4, 0.5, -0.6,  // weight_ih, column by column
      0.7, -0.8, 0.9, 0.01, 0.02, 0.03, -0.04, 0.05, 0.06;
  Matrix<double> h(1, 1), x(2, 1), record(cell.record_rows(), 1), next(1, 1);
  h << 0.5;
  x << 1.5, -2;
  cell.forward(theta, h, x, Vector<double>(), record, next);
  const double r = logistic(0.1 * 1.5 + 0.4 * -2 + 0.01 + 0.7 * 0.5 - 0.04);
  const double z = logistic(-0.2 * 1.5 + 0.5 * -2 + 0.02 - 0.8 * 0.5 + 0.05);
  const double n = std::tanh(0.3 * 1.5 - 0.6 * -2 + 0.03 + r * (0.9 * 0.5 + 0.06));
  CHECK(next(0, 0) == doctest::Approx((1 - z) * n + z * 0.5).epsilon(1e-14));
}

TEST_CASE("rnn: one unit by hand, the weight of x before that of h") {
  RnnCell<double> cell(2, 1);
  REQUIRE(cell.layout().size() == 4);
  Vector<double> theta(4);
  theta << 0.1, -0.2, 0.3, 0.4;
  Matrix<double> h(1, 1), x(2, 1), record(cell.record_rows(), 1), next(1, 1);
  h << 0.5;
  x << 1.5, -2;
  cell.forward(theta, h, x, Vector<double>(), record, next);
  CHECK(next(0, 0) ==
        doctest::Approx(std::tanh(0.1 * 1.5 - 0.2 * -2 + 0.3 * 0.5 + 0.4)).epsilon(1e-14));
}

TEST_CASE("recurrent cells: without an observation h stays, and x may be anything") {
  for (const bool gru : {true, false}) {
    CAPTURE(gru);
    std::unique_ptr<RecurrentCell<double>> cell;
    if (gru) cell = std::make_unique<GruCell<double>>(2, 3);
    if (!gru) cell = std::make_unique<RnnCell<double>>(2, 3);
    Rng rng(6);
    Vector<double> theta(cell->layout().size()), theta_bar = Vector<double>::Zero(theta.size());
    cell->initialize(rng, theta);
    const Matrix<double> h = normal_matrix(3, 2, rng), h_next_bar = normal_matrix(3, 2, rng);
    Matrix<double> x = normal_matrix(2, 2, rng);
    x.col(0).setConstant(std::numeric_limits<double>::quiet_NaN());
    Vector<double> mask(2);
    mask << 0, 1;
    Matrix<double> record(cell->record_rows(), 2), next(3, 2), h_bar(3, 2), x_bar(2, 2);
    cell->forward(theta, h, x, mask, record, next);
    CHECK(next.col(0) == h.col(0));
    CHECK(next.col(1) != h.col(1));
    cell->pullback(theta, record, h_next_bar, h_bar, x_bar, theta_bar);
    CHECK(h_bar.col(0) == h_next_bar.col(0));
    CHECK(x_bar.col(0).isZero(0));
    CHECK(theta_bar.allFinite());
    // The parameters' gradient is that of the observed sample alone.
    Vector<double> alone = Vector<double>::Zero(theta.size());
    Matrix<double> record_alone(cell->record_rows(), 1), bar(3, 1), none;
    cell->forward(theta, h.col(1), x.col(1), Vector<double>(), record_alone, bar);
    cell->pullback(theta, record_alone, h_next_bar.col(1), bar, none, alone);
    CHECK(testing::relative_error(theta_bar, alone) < 1e-14);
  }
}

TEST_CASE("layers: initial parameters fill PyTorch's ranges") {
  Rng rng(7);
  const auto spread = [&](Index size, double bound, const auto& initialize) {
    Vector<double> theta(size);
    initialize(theta);
    CHECK(theta.cwiseAbs().maxCoeff() <= bound);
    CHECK(theta.cwiseAbs().maxCoeff() > 0.97 * bound);
  };
  const Conv<double> conv({{7, 5, 5}, 16, 3, 1, 1, true, true});
  spread(conv.layout().size(), 1 / std::sqrt(72.0),
         [&](Vector<double>& theta) { conv.initialize(rng, theta); });
  const GruCell<double> gru(5, 25);
  spread(gru.layout().size(), 0.2, [&](Vector<double>& theta) { gru.initialize(rng, theta); });
  const RnnCell<double> rnn(11, 25);
  spread(rnn.layout().size(), 1.0 / 6, [&](Vector<double>& theta) { rnn.initialize(rng, theta); });
}
