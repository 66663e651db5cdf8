#include <memory>
#include <vector>

#include "engine/fields/mlp_field.h"
#include "engine/models/series_filter.h"
#include "engine/nn/gru.h"
#include "engine/ode/solver.h"

namespace neural_ode {
namespace {

template <class Scalar>
class JumpFilter final : public SeriesFilter<Scalar> {
 public:
  explicit JumpFilter(const FilterSpec& spec)
      : spec_(spec),
        field_(mlp_layers(spec.state, spec.hidden, spec.layers, spec.state, spec.activation),
               false),
        cell_(spec.data_dim, spec.state),
        readout_(mlp_layers(spec.state, spec.state, 1, spec.data_dim, Activation::tanh)),
        states_bar_(2) {
    layout_.append("field.", field_.mlp().layout());
    cell_offset_ = layout_.append("cell.", cell_.layout());
    readout_offset_ = layout_.append("readout.", readout_.layout());
  }

  const ParameterLayout& layout() const override { return layout_; }
  void initialize(Rng& rng, VectorOut<Scalar> theta) const override {
    // At first the state stays where a jump left it.
    field_.mlp().initialize(rng, true, theta.head(cell_offset_));
    cell_.initialize(rng, theta.segment(cell_offset_, cell_.layout().size()));
    readout_.initialize(rng, false, theta.tail(readout_.layout().size()));
  }

  const SolveReport& forward(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch) override {
    start(theta, batch);
    while (static_cast<Index>(gaps_.size()) < length_ - 1) {
      gaps_.push_back(spec_.gradient->make<Scalar>(spec_.solver, {.times = false}));
    }
    before_.resize(spec_.state, (length_ - 1) * batch_);
    nfe_forward_ = 0;
    for (Index i = 0; i + 1 < length_; ++i) {
      jump(theta, batch, i);
      span_ = batch.times.middleRows(i, 2);
      auto& gap = *gaps_[static_cast<std::size_t>(i)];
      const SolveReport& report = gap.forward(field_, h_, span_);
      nfe_forward_ += report.nfe();
      if (!report.succeeded()) return report;
      h_ = gap.states()[1];
      before_.middleCols(i * batch_, batch_) = h_;
    }
    prediction_ = readout_.forward(theta.tail(readout_.layout().size()), before_);
    report_.reset(batch_);
    return report_;
  }
  const Matrix<Scalar>& prediction() const override { return prediction_; }

  const SolveReport& pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> prediction_bar,
                              VectorOut<Scalar> theta_bar) override {
    before_bar_.resize(spec_.state, before_.cols());
    readout_.pullback(theta.tail(readout_.layout().size()), prediction_bar, before_bar_,
                      theta_bar.tail(readout_.layout().size()));
    states_bar_[0].setZero(spec_.state, batch_);
    h_bar_.setZero(spec_.state, batch_);
    const Index size = cell_.layout().size();
    for (Index i = length_ - 1; i-- > 0;) {
      states_bar_[1] = h_bar_ + before_bar_.middleCols(i * batch_, batch_);
      auto& gap = *gaps_[static_cast<std::size_t>(i)];
      const SolveReport& report = gap.backward(field_, states_bar_);
      if (!report.succeeded()) return report;
      theta_bar.head(cell_offset_) += gap.theta_bar();
      cell_.pullback(theta.segment(cell_offset_, size), records_.middleCols(i * batch_, batch_),
                     gap.y0_bar(), h_bar_, none_, theta_bar.segment(cell_offset_, size));
    }
    return report_;
  }

  Matrix<Scalar> trace(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch,
                       int points) override {
    start(theta, batch);
    Solver<Scalar> solver(spec_.solver);
    Matrix<double> times(points, batch_);
    Matrix<Scalar> shown(spec_.data_dim, (length_ - 1) * points * batch_);
    for (Index i = 0; i + 1 < length_; ++i) {
      jump(theta, batch, i);
      for (Index k = 0; k < points; ++k) {
        const double share = static_cast<double>(k) / (points - 1);
        times.row(k) = (1 - share) * batch.times.row(i) + share * batch.times.row(i + 1);
      }
      if (!solver.solve(field_, h_, times).succeeded()) return {};
      for (Index k = 0; k < points; ++k) {
        shown.middleCols((i * points + k) * batch_, batch_) = readout_.evaluate(
            theta.tail(readout_.layout().size()), solver.states()[static_cast<std::size_t>(k)]);
      }
      h_ = solver.states().back();
    }
    return shown;
  }

  Count nfe_forward() const override { return nfe_forward_; }
  Count nfe_backward() const override {
    Count sum = 0;
    for (Index i = 0; i + 1 < length_; ++i)
      sum += gaps_[static_cast<std::size_t>(i)]->nfe_backward();
    return sum;
  }
  std::size_t state_bytes() const override {
    std::size_t sum = static_cast<std::size_t>(records_.size()) * sizeof(Scalar);
    for (const auto& gap : gaps_) sum += gap->state_bytes();
    return sum;
  }

 private:
  void start(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch) {
    eigen_assert(batch.count.empty() && batch.length() > 1);
    length_ = batch.length();
    batch_ = batch.series();
    field_.bind(theta.data());
    records_.resize(cell_.record_rows(), (length_ - 1) * batch_);
    h_.setZero(spec_.state, batch_);
  }
  void jump(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch, Index i) {
    cell_.forward(theta.segment(cell_offset_, cell_.layout().size()), h_,
                  batch.x.middleCols(i * batch_, batch_), Vector<Scalar>(),
                  records_.middleCols(i * batch_, batch_), h_);
  }

  FilterSpec spec_;
  MlpField<Scalar> field_;
  GruCell<Scalar> cell_;
  Mlp<Scalar> readout_;
  ParameterLayout layout_;
  Index cell_offset_ = 0, readout_offset_ = 0;  // the field's is 0

  Index length_ = 0, batch_ = 0;                         // T, B of the last forward
  std::vector<std::unique_ptr<Gradient<Scalar>>> gaps_;  // at least T - 1
  Matrix<double> span_;                                  // 2 x B
  Matrix<Scalar> records_;                               // of the cell, R x (T-1) B
  Matrix<Scalar> before_, before_bar_;                   // H x (T-1) B: before an observation
  Matrix<Scalar> prediction_;                            // D x (T-1) B
  Matrix<Scalar> h_, h_bar_;                             // H x B
  Matrix<Scalar> none_;                                  // stays empty: no cotangent of x is wanted
  std::vector<Matrix<Scalar>> states_bar_;
  SolveReport report_;
  Count nfe_forward_ = 0;
};
}  // namespace

template <class Scalar>
std::unique_ptr<SeriesFilter<Scalar>> make_jump_filter(const FilterSpec& spec) {
  return std::make_unique<JumpFilter<Scalar>>(spec);
}

template std::unique_ptr<SeriesFilter<float>> make_jump_filter(const FilterSpec&);
template std::unique_ptr<SeriesFilter<double>> make_jump_filter(const FilterSpec&);

}  // namespace neural_ode
