// Before 1.36 each event was packed (rrweb's `pack`).
import * as replay from "amplitude-packed";
import { begin } from "./amplitude-begin.js";

begin(replay);
