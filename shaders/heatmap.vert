// One rectangle from the vertex number alone; `area` is {left, bottom, right, top} in clip space.
uniform vec4 area;
out vec2 place;  // data coordinates
uniform vec4 window;  // data at {left, bottom, right, top}

void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  place = mix(window.xy, window.zw, corner);
  gl_Position = vec4(mix(area.xy, area.zw, corner), 0.0, 1.0);
}
