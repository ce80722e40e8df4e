package flowstate.standalone;

import flowstate.tcp.Timers;
import java.util.Locale;

/** Whose timers the tracker goes by. */
public enum TimerProfile {
    /** Flowstate's own, which let a connection be quiet for as long as TCP does. */
    DEFAULT,
    /** Zeek's shorter ones, for comparison with it. */
    ZEEK;

    Timers timers() {
        return Timers.named(name().toLowerCase(Locale.ROOT));
    }
}
