// Lines and dots from a list in a texture, four corners for each entry: {x, y, color, width} in pixels of the interface.
// A width above 0: a vertex of a line, which goes on to the next entry; 0: the line before has ended; below 0: a dot of
// this radius.
uniform usampler2D marks;
uniform int first;      // the entry of corner 0
uniform vec2 screen;    // in pixels of the interface
uniform float density;  // pixels of the device in one of the interface
out vec4 ink;
out vec2 offset;        // from the middle of the line or dot, in pixels of the device
out float half_width;

struct Mark {
  vec2 at;
  vec4 ink;
  float width;
};

Mark mark(int i) {
  int columns = textureSize(marks, 0).x;
  uvec4 entry = texelFetch(marks, ivec2(i % columns, i / columns), 0);
  uvec4 channels = (uvec4(entry.z) >> uvec4(0, 8, 16, 24)) & 255u;
  return Mark(uintBitsToFloat(entry.xy), vec4(channels) / 255.0, uintBitsToFloat(entry.w));
}

vec2 across(vec2 from, vec2 to) {
  vec2 along = normalize(to - from);
  return vec2(-along.y, along.x);
}

void main() {
  int i = first + gl_VertexID / 4, corner = gl_VertexID % 4;
  vec2 side = 2.0 * vec2(corner % 2, corner / 2) - 1.0;
  Mark here = mark(i);
  vec2 place = here.at * density;
  ink = here.ink;
  if (here.width < 0.0) {
    half_width = -here.width * density;
    offset = (half_width + 0.5) * side;
    place += offset;
  } else {
    Mark next = mark(i + 1);
    if (here.width == 0.0 || next.width <= 0.0) {
      gl_Position = vec4(2.0, 2.0, 0.0, 1.0);  // no line goes on from here
      return;
    }
    bool at_end = side.y > 0.0;
    vec2 normal = across(here.at, next.at), miter = normal;
    Mark beyond = mark(at_end ? i + 2 : i - 1);
    if (beyond.width > 0.0) {
      vec2 sum = normal + (at_end ? across(next.at, beyond.at) : across(beyond.at, here.at));
      float cosine = 0.5 * dot(sum, sum);      // 1 + cos of the turn
      if (cosine > 0.3) miter = sum / cosine;  // at sharper turns its tip would be far away
    }
    half_width = 0.5 * density * (at_end ? next.width : here.width);
    offset = vec2(0.0, (half_width + 0.5) * side.x);
    if (at_end) {
      place = next.at * density;
      ink = next.ink;
    }
    place += miter * offset.y;
  }
  vec2 share = place / (screen * density);
  gl_Position = vec4(2.0 * share.x - 1.0, 1.0 - 2.0 * share.y, 0.0, 1.0);
}
