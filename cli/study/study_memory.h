// The study of what a gradient holds and costs, strategy by strategy.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/study/study.h"
#include "engine/core/types.h"
#include "engine/ode/tableau.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// Adds to `head`, which says what is solved. `system` names it in titles, with its time span.
StudyAnswer study_memory(nlohmann::ordered_json head, const std::string& system,
                         VectorField<double>& field, const Vector<double>& y0, double t1,
                         const ButcherTableau& method);

}  // namespace neural_ode
