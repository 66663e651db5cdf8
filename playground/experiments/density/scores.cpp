// How `density` is judged: by the likelihood of fresh data, and by how far samples are from them.
#include <algorithm>

#include "engine/analysis/assignment.h"
#include "playground/experiments/density/run.h"

namespace neural_ode::density {

namespace {

constexpr Index most_transported = 2048;  // points of the distance W2, whose cost is cubic
constexpr Index most_matched = 512;
constexpr std::uint64_t test_stream = 4;

void score_density(Run& run, const Vector<float>& theta, Scores& scores) {
  const Matrix<float> x = run.test_x.cast<float>();
  if (run.planar) {
    Vector<double> log_prob(x.cols());
    run.planar->log_prob(run.planar_theta(theta), x, 0, log_prob);
    double sum = 0;
    for (const double each : log_prob) sum -= each;
    scores.planar_nll = sum / static_cast<double>(x.cols());
  }
  if (!run.source->log_prob) return;
  const Vector<double>& log_prob =
      run.model->log_prob(run.field_theta(theta), x, 1, run.source->log_prob, *run.solver);
  const bool known = run.target && run.target->log_prob && run.options.noise == 0;
  double nll = 0, kl = 0;
  for (Index i = 0; i < x.cols(); ++i) {
    nll -= log_prob[i];
    if (known) kl += run.target->log_prob(run.test_x(0, i), run.test_x(1, i)) - log_prob[i];
  }
  scores.nll = nll / static_cast<double>(x.cols());
  if (known) scores.kl = kl / static_cast<double>(x.cols());
}

}  // namespace

Scores score(Run& run, const Vector<float>& theta) {
  Scores scores;
  score_density(run, theta, scores);
  const Vector<float>& field = run.field_theta(theta);
  if (run.matching) {
    Rng rng(0, test_stream);
    const Index count = std::min(run.test_x.cols(), most_matched);
    scores.loss =
        run.matching->loss(field, run.test_source.leftCols(count), run.test_x.leftCols(count), rng);
  } else if (run.options.by_reverse_kl()) {
    const Matrix<float> z = run.test_source.cast<float>();
    scores.reverse_kl = run.model->reverse_divergence(
        field, z, {run.target->log_prob, run.target->score}, *run.solver);
    scores.loss = scores.reverse_kl;
  } else {
    scores.loss = scores.nll;
  }

  const Index count = std::min(run.test_x.cols(), most_transported);
  Matrix<double> times(2, 1);
  times << 0, 1;
  const Matrix<float> z = run.test_source.leftCols(count).cast<float>();
  const Matrix<float>& end = run.model->flow(field, z, times, *run.solver)[1];
  scores.nfe = run.solver->report().nfe();
  if (end.allFinite())
    scores.w2_squared = squared_wasserstein(end.cast<double>(), run.test_x.leftCols(count));
  return scores;
}

}  // namespace neural_ode::density
