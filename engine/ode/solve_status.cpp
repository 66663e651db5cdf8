#include "engine/ode/solve_status.h"

#include <algorithm>
#include <cstdio>

namespace neural_ode {

std::string_view status_name(SolveStatus status) {
  switch (status) {
    case SolveStatus::ok:
      return "ok";
    case SolveStatus::event:
      return "event";
    case SolveStatus::running:
      return "running";
    case SolveStatus::max_steps:
      return "max_steps";
    case SolveStatus::step_underflow:
      return "step_underflow";
    case SolveStatus::non_finite:
      return "non_finite";
    case SolveStatus::newton_failed:
      return "newton_failed";
    case SolveStatus::max_events:
      return "max_events";
    case SolveStatus::grazing:
      return "grazing";
    case SolveStatus::cancelled:
      return "cancelled";
    case SolveStatus::invalid:
      return "invalid";
  }
  return "unknown";
}

namespace {

Count largest(const std::vector<Count>& counts) {
  Count result = 0;
  for (const Count n : counts) result = std::max(result, n);
  return result;
}

}  // namespace

Count SolveReport::nfe() const {
  return largest(nfe_per_sample);
}

Count SolveReport::jacobians() const {
  return largest(jacobians_per_sample);
}

Count SolveReport::cost(Index dim) const {
  Count result = 0;
  for (std::size_t s = 0; s < nfe_per_sample.size(); ++s) {
    result = std::max(result, nfe_per_sample[s] + dim * jacobians_per_sample[s]);
  }
  return result;
}

double SolveReport::mean_nfe() const {
  if (nfe_per_sample.empty()) return 0;
  double sum = 0;
  for (const Count n : nfe_per_sample) sum += static_cast<double>(n);
  return sum / static_cast<double>(nfe_per_sample.size());
}

void SolveReport::reset(Index batch) {
  status = SolveStatus::ok;
  t = h = error_norm = 0;
  sample = -1;
  accepted = rejected = 0;
  largest_step = 0;
  nfe_per_sample.assign(static_cast<std::size_t>(batch), 0);
  jacobians_per_sample.assign(static_cast<std::size_t>(batch), 0);
  events.clear();
  reason.clear();
}

void SolveReport::add_steps(const SolveReport& part) {
  accepted += part.accepted;
  rejected += part.rejected;
  largest_step = std::max(largest_step, part.largest_step);
}

void SolveReport::stop_as(const SolveReport& part, Index at) {
  status = part.status;
  t = part.t;
  h = part.h;
  error_norm = part.error_norm;
  sample = at;
  reason = part.reason;
}

void SolveReport::add_part(const SolveReport& part, Index first) {
  add_steps(part);
  std::copy(part.nfe_per_sample.begin(), part.nfe_per_sample.end(), nfe_per_sample.begin() + first);
  std::copy(part.jacobians_per_sample.begin(), part.jacobians_per_sample.end(),
            jacobians_per_sample.begin() + first);
  if (part.succeeded() || !succeeded()) return;
  stop_as(part, part.sample < 0 ? -1 : first + part.sample);
}

std::string SolveReport::message() const {
  const char* what = "";
  switch (status) {
    case SolveStatus::ok:
      return "ok";
    case SolveStatus::event:
      return "ended by an event";
    case SolveStatus::running:
      return "not finished";
    case SolveStatus::invalid:
      return reason;
    case SolveStatus::max_steps:
      what = "the allowed number of steps was used up";
      break;
    case SolveStatus::step_underflow:
      what =
          "the step became too small to move t (stiff or discontinuous field, or tolerance too "
          "small)";
      break;
    case SolveStatus::non_finite:
      what = "the solution became NaN or infinite";
      break;
    case SolveStatus::newton_failed:
      what =
          "the equation of an implicit stage could not be solved (step too long, or no Jacobian)";
      break;
    case SolveStatus::max_events:
      what = "the allowed number of events was used up (do they come ever faster?)";
      break;
    case SolveStatus::grazing:
      what = "an event function touched zero without crossing it, so its time has no gradient";
      break;
    case SolveStatus::cancelled:
      what = "cancelled";
      break;
  }
  char place[96];
  std::snprintf(place, sizeof place, " at t = %.6g (sample %ld, step %.3g)", t,
                static_cast<long>(sample), h);
  return std::string(what) + place;
}

}  // namespace neural_ode
