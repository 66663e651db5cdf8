#include "engine/ode/tableau.h"

#include <iterator>
#include <type_traits>
#include <utility>

#include "engine/ode/methods/dopri8.h"
#include "engine/ode/methods/explicit.h"
#include "engine/ode/methods/explicit5.h"
#include "engine/ode/methods/implicit.h"
#include "engine/ode/methods/special.h"
#include "engine/ode/tableau_check.h"

namespace neural_ode {
namespace {

using namespace tableaux;

constexpr const ButcherTableau* registry[] = {
    &euler,
    &midpoint,
    &heun,
    &ralston,
    &heun3,
    &ssprk3,
    &bosh3,
    &rk4,
    &rk4_38,
    &fehlberg45,
    &cash_karp,
    &dopri5,
    &tsit5,
    &dopri8,
    &abm4,
    &semi_implicit_euler,
    &leapfrog,
    &implicit_euler,
    &implicit_midpoint,
    &trapezoid,
    &kvaerno3,
    &kvaerno5,
    &kencarp5,
};

// One assertion a method: a compiler allows each only so many steps.
template <std::size_t... Rows>
constexpr bool check_all(std::index_sequence<Rows...>) {
  return (std::bool_constant<TableauCheck(*registry[Rows]).all()>::value && ...);
}
static_assert(check_all(std::make_index_sequence<std::size(registry)>()));

}  // namespace

const ButcherTableau* find_method(std::string_view name) {
  for (const ButcherTableau* method : registry) {
    if (method->name == name) return method;
  }
  return nullptr;
}

std::span<const ButcherTableau* const> methods() {
  return registry;
}

}  // namespace neural_ode
