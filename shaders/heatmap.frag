// Cell values, interpolated bilinearly by hand: linear filtering of float textures is an extension in WebGL 2.
uniform sampler2D cells;
uniform vec4 bounds;   // data at the centres of the first and the last cell: {x0, y0, x1, y1}
uniform vec2 range;    // value at the low and the high end of the map
uniform bool diverging;
uniform vec3 low, middle, high;
in vec2 place;
out vec4 colour;

float value(vec2 at) {
  ivec2 size = textureSize(cells, 0);
  vec2 grid = clamp((at - bounds.xy) / (bounds.zw - bounds.xy), 0.0, 1.0) * vec2(size - 1);
  ivec2 i = min(ivec2(grid), size - 2);
  vec2 f = grid - vec2(i);
  float a = texelFetch(cells, i, 0).r, b = texelFetch(cells, i + ivec2(1, 0), 0).r;
  float c = texelFetch(cells, i + ivec2(0, 1), 0).r, d = texelFetch(cells, i + ivec2(1, 1), 0).r;
  return mix(mix(a, b, f.x), mix(c, d, f.x), f.y);
}

// A polynomial fit of the viridis map.
vec3 viridis(float t) {
  vec3 c0 = vec3(0.2777, 0.0054, 0.3341), c1 = vec3(0.1051, 1.4046, 1.3846), c2 = vec3(-0.3309, 0.2148, 0.0951);
  vec3 c3 = vec3(-4.6342, -5.7991, -19.3324), c4 = vec3(6.2283, 14.1799, 56.6906);
  vec3 c5 = vec3(4.7764, -13.7451, -65.3530), c6 = vec3(-5.4355, 4.6459, 26.3124);
  return c0 + t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * (c5 + t * c6)))));
}

void main() {
  // How far beyond the outermost centres, in shares of the grid.
  vec2 beyond = max(max(bounds.xy - place, place - bounds.zw), 0.0) / (bounds.zw - bounds.xy);
  float raw = (value(place) - range.x) / (range.y - range.x), t = clamp(raw, 0.0, 1.0);
  if (diverging) {
    float side = 2.0 * t - 1.0;
    // Even areas and a soft seam: where the model is undecided, the plain panel shows through.
    // Where the values are steep the seam is as wide as two pixels, so that it has no steps.
    float seam = max(0.45, 4.0 * fwidth(raw));
    float strength = 0.26 * smoothstep(0.0, seam, abs(2.0 * raw - 1.0)) + 0.05 * abs(side);
    // Beyond the grid nothing was computed: the last values fade out.
    strength *= 1.0 - smoothstep(0.0, 0.16, max(beyond.x, beyond.y));
    colour = vec4(mix(middle, side < 0.0 ? low : high, strength), 1.0);
  } else {
    bool within = all(lessThanEqual(beyond * vec2(textureSize(cells, 0) - 1), vec2(0.5)));
    colour = vec4(viridis(t), within ? smoothstep(0.0, 0.08, t) : 0.0);
  }
}
