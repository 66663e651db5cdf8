// What experiments without learning have in common: a study of a fixed number of points, one a
// step, from coarse to fine. A run on from its last point draws the study again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/types.h"
#include "engine/ode/solver_options.h"
#include "playground/contract/no_own_data.h"
#include "playground/training/rows.h"

namespace neural_ode {

class Laboratory : public WithoutOwnData<Experiment> {
 public:
  Status reset(const Settings& settings, std::uint64_t seed) final;
  // The error of the study's next point is the step's loss; 1 where there was no solution, the
  // error of the answer 0.
  StepReport step() final;
  // Its settings, seed and step: load makes the points again.
  std::vector<std::uint8_t> save() const final;
  Status load(std::span<const std::uint8_t> safetensors) final;

 protected:
  // All but the study.
  virtual Status prepare() = 0;
  virtual void clear_study() = 0;
  // Adds point 0, 1, ..., default_steps - 1 of the study; its error, not finite if it has none.
  virtual double measure(int point) = 0;

  const Settings& settings() const { return settings_; }
  std::uint64_t seed() const { return seed_; }
  bool ready() const { return ready_; }
  std::int64_t steps_done() const { return step_; }
  double loss() const { return loss_; }

 private:
  Settings settings_;
  std::uint64_t seed_ = 0;
  bool ready_ = false;
  std::int64_t step_ = 0;
  double loss_ = 0;
};

// All methods, or those that continuous adjoints take: one-step methods for the whole state.
enum class Offered { all, one_step };
Parameter method_row(std::string name, std::string label, std::string_view value, Offered offered,
                     std::string help);
Parameter duration_row();
// step_size, tolerance and fixed.
void add_step_rows(std::vector<Parameter>& table, double tolerance, double step_size);

// The options of `method` as the rows above have them; atol = tolerance * atol_ratio.
SolverOptions laboratory_options(const Settings& settings, const ButcherTableau& method);
// Of the study's point k: rtol = 10^-(k+1), or steps duration / (8 * 2^k).
double study_control(const SolverOptions& options, double duration, int point);
void set_control(SolverOptions& options, double control);

// Systems as choices, in the order of these names; none: all of them.
std::vector<Choice> system_choices(std::span<const std::string_view> names = {});
// The solution from the system's own y0, as a picture of the choice.
Plot system_preview(std::string_view name);

// What a dashed line or a point on a logarithmic axis can be.
bool drawable(double value);
// Where a state is in a phase picture: (t, y) of one equation, three coordinates in space, else the
// first two.
Vector<double> phase_point(double t, const Vector<double>& y);
void append_phase_point(SpaceVertices& vertices, const Vector<double>& point);
// Axes around these states (2 x N, or 3 x N in space), wide enough for `margin` times them: equal
// where the components are of about the same size.
void set_phase_axes(Plot& plot, const Matrix<double>& states, double margin);
// What ran away stays where it left the surroundings of a phase picture.
double farthest_drawn(const Plot& plot);
bool is_within(double farthest, const Vector<double>& point);

}  // namespace neural_ode
