// How `digits` is judged: by test images, and by what an image costs at several tolerances.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/nn/losses.h"
#include "playground/experiments/digits/run.h"

namespace neural_ode::digits {

namespace {

constexpr int test_chunk = 128;   // images solved together
constexpr int study_images = 16;  // at several tolerances
constexpr double study_tolerances[] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5};
constexpr double reference_tolerance = 1e-7;

std::vector<ToleranceCost> study_tolerance(const Run& run, const Vector<float>& theta) {
  std::vector<ToleranceCost> costs;
  if (!run.options.is_ode() || !run.options.spec.solver.adaptive()) return costs;
  const int size = std::min(study_images, run.test.count());
  std::vector<int> which(static_cast<std::size_t>(size));
  std::iota(which.begin(), which.end(), 0);
  Matrix<float> x(digit_side * digit_side, size), exact(digit_classes, size), logits = exact;
  standardized_images<float>(run.test, which, pixel_mean, pixel_deviation, x);
  const auto solve = [&](double tolerance, Matrix<float>& to) {
    OdeNetSpec spec = run.options.spec;
    spec.solver.rtol = spec.solver.atol = tolerance;
    return Run::Model(spec).predict(theta, x, to);
  };
  if (!solve(reference_tolerance, exact).succeeded()) return costs;
  for (const double tolerance : study_tolerances) {
    const SolveReport report = solve(tolerance, logits);
    if (!report.succeeded()) continue;
    double error = 0;
    for (Index i = 0; i < logits.size(); ++i) {
      error = std::max(error, std::abs(static_cast<double>(logits.data()[i]) -
                                       static_cast<double>(exact.data()[i])));
    }
    costs.push_back({tolerance, report.mean_nfe(), error});
  }
  return costs;
}

}  // namespace

int largest(const Matrix<float>& logits, Index sample) {
  int best = 0;
  for (int k = 1; k < digit_classes; ++k) {
    if (logits(k, sample) > logits(best, sample)) best = k;
  }
  return best;
}

Scores score(const Run& run, const Vector<float>& theta, int count) {
  count = std::min(count, run.test.count());
  Scores scores;
  DigitGuesses& guesses = scores.guesses;
  double loss = 0;
  int correct = 0;
  bool ok = true;
  Matrix<float> x, logits, unused;
  std::vector<int> which;
  for (int first = 0; first < count; first += test_chunk) {
    const int size = std::min(test_chunk, count - first);
    which.resize(static_cast<std::size_t>(size));
    std::iota(which.begin(), which.end(), first);
    x.resize(digit_side * digit_side, size);
    logits.resize(digit_classes, size);
    standardized_images<float>(run.test, which, pixel_mean, pixel_deviation, x);
    ok = run.model->predict(theta, x, logits).succeeded() && ok;
    std::vector<int> truth(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) {
      const int label = run.test.label[static_cast<std::size_t>(first + i)];
      truth[static_cast<std::size_t>(i)] = label;
      guesses.truth.push_back(label);
      guesses.guess.push_back(largest(logits, i));
      correct += guesses.guess.back() == label;
    }
    loss += size * softmax_cross_entropy<float>(logits, truth, 1, unused);
  }
  scores.loss = ok ? loss / count : unknown;
  scores.accuracy = ok ? static_cast<double>(correct) / count : unknown;
  scores.tolerance_costs = study_tolerance(run, theta);
  return scores;
}

}  // namespace neural_ode::digits
