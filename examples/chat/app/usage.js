// The chart of the month's storage. A recorder without canvas capture sees only its size.
const GB = [318, 319, 324, 331, 330, 337, 341, 340, 346, 352, 351, 358, 362, 361, 366, 371, 370, 377, 380, 379, 384, 388, 391, 390, 396, 399, 401, 404, 406, 409, 412];

export function drawUsage(canvas) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const x = (day) => 2 + (day / (GB.length - 1)) * (width - 4);
  const y = (gb) => height - 4 - ((gb - 290) / 130) * (height - 10);
  context.strokeStyle = "#e6ebe8";
  for (const gb of [300, 350, 400]) {
    context.beginPath();
    context.moveTo(0, Math.round(y(gb)) + 0.5);
    context.lineTo(width, Math.round(y(gb)) + 0.5);
    context.stroke();
  }
  context.beginPath();
  GB.forEach((gb, day) => context.lineTo(x(day), y(gb)));
  context.lineWidth = 2.5;
  context.strokeStyle = "#12846d";
  context.lineJoin = "round";
  context.stroke();
  context.lineTo(x(GB.length - 1), height);
  context.lineTo(x(0), height);
  context.closePath();
  const fill = context.createLinearGradient(0, 0, 0, height);
  fill.addColorStop(0, "rgba(18, 132, 109, .28)");
  fill.addColorStop(1, "rgba(18, 132, 109, 0)");
  context.fillStyle = fill;
  context.fill();
}
