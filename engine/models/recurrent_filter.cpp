#include <memory>

#include "engine/models/series_filter.h"
#include "engine/nn/gru.h"
#include "engine/nn/mlp.h"

namespace neural_ode {
namespace {

template <class Scalar>
class RecurrentFilter final : public SeriesFilter<Scalar> {
 public:
  explicit RecurrentFilter(const FilterSpec& spec)
      : dim_(spec.data_dim),
        cell_(spec.data_dim + 1, spec.state),
        readout_(mlp_layers(spec.state, spec.state, 1, spec.data_dim, Activation::tanh)) {
    layout_.append("cell.", cell_.layout());
    layout_.append("readout.", readout_.layout());
  }

  const ParameterLayout& layout() const override { return layout_; }
  void initialize(Rng& rng, VectorOut<Scalar> theta) const override {
    cell_.initialize(rng, theta.head(cell_.layout().size()));
    readout_.initialize(rng, false, theta.tail(readout_.layout().size()));
  }

  const SolveReport& forward(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch) override {
    start(batch);
    before_.resize(cell_.hidden(), (length_ - 1) * batch_);
    for (Index i = 0; i + 1 < length_; ++i) {
      read(theta, batch, i, 1, records_.middleCols(i * batch_, batch_));
      h_ = next_;
      before_.middleCols(i * batch_, batch_) = h_;
    }
    prediction_ = readout_.forward(theta.tail(readout_.layout().size()), before_);
    report_.reset(batch_);
    return report_;
  }
  const Matrix<Scalar>& prediction() const override { return prediction_; }

  const SolveReport& pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> prediction_bar,
                              VectorOut<Scalar> theta_bar) override {
    before_bar_.resize(before_.rows(), before_.cols());
    readout_.pullback(theta.tail(readout_.layout().size()), prediction_bar, before_bar_,
                      theta_bar.tail(readout_.layout().size()));
    h_bar_.setZero(before_.rows(), batch_);
    const Index size = cell_.layout().size();
    for (Index i = length_ - 1; i-- > 0;) {
      h_bar_ += before_bar_.middleCols(i * batch_, batch_);
      cell_.pullback(theta.head(size), records_.middleCols(i * batch_, batch_), h_bar_, h_bar_,
                     none_, theta_bar.head(size));
    }
    return report_;
  }

  Matrix<Scalar> trace(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch,
                       int points) override {
    start(batch);
    Matrix<Scalar> record(cell_.record_rows(), batch_);
    Matrix<Scalar> shown(dim_, (length_ - 1) * points * batch_);
    for (Index i = 0; i + 1 < length_; ++i) {
      for (Index k = 0; k < points; ++k) {
        read(theta, batch, i, static_cast<double>(k) / (points - 1), record);
        shown.middleCols((i * points + k) * batch_, batch_) =
            readout_.evaluate(theta.tail(readout_.layout().size()), next_);
      }
      h_ = next_;
    }
    return shown;
  }

  Count nfe_forward() const override { return 0; }
  Count nfe_backward() const override { return 0; }
  std::size_t state_bytes() const override {
    return static_cast<std::size_t>(records_.size()) * sizeof(Scalar);
  }

 private:
  void start(const SeriesBatch<Scalar>& batch) {
    eigen_assert(batch.count.empty() && batch.length() > 1);
    length_ = batch.length();
    batch_ = batch.series();
    records_.resize(cell_.record_rows(), (length_ - 1) * batch_);
    h_.setZero(cell_.hidden(), batch_);
    next_.resize(cell_.hidden(), batch_);
    x_.resize(dim_ + 1, batch_);
  }
  // next_: h_ after observation i, asked about the time `share` of the gap after it.
  void read(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch, Index i, double share,
            MatrixOut<Scalar> record) {
    x_.topRows(dim_) = batch.x.middleCols(i * batch_, batch_);
    for (Index s = 0; s < batch_; ++s) {
      x_(dim_, s) = static_cast<Scalar>(share * (batch.times(i + 1, s) - batch.times(i, s)));
    }
    cell_.forward(theta.head(cell_.layout().size()), h_, x_, Vector<Scalar>(), record, next_);
  }

  Index dim_;
  GruCell<Scalar> cell_;
  Mlp<Scalar> readout_;
  ParameterLayout layout_;
  Index length_ = 0, batch_ = 0;        // T, B of the last forward
  Matrix<Scalar> records_;              // R x (T-1) B
  Matrix<Scalar> before_, before_bar_;  // H x (T-1) B: asked about the next observation
  Matrix<Scalar> prediction_;           // D x (T-1) B
  Matrix<Scalar> h_, next_, h_bar_;     // H x B
  Matrix<Scalar> x_;                    // D + 1 x B
  Matrix<Scalar> none_;                 // stays empty: no cotangent of x is wanted
  SolveReport report_;                  // nothing is solved: always ok
};

}  // namespace

template <class Scalar>
std::unique_ptr<SeriesFilter<Scalar>> make_recurrent_filter(const FilterSpec& spec) {
  return std::make_unique<RecurrentFilter<Scalar>>(spec);
}

template std::unique_ptr<SeriesFilter<float>> make_recurrent_filter(const FilterSpec&);
template std::unique_ptr<SeriesFilter<double>> make_recurrent_filter(const FilterSpec&);

}  // namespace neural_ode
