import * as replay from "@amplitude/session-replay-browser";
import { begin } from "./amplitude-begin.js";

begin(replay);
