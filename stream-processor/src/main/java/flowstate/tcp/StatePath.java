package flowstate.tcp;

import java.util.ArrayList;
import java.util.List;

/** The states that one end was seen in, in order. Bounded: of a longer way the latest state replaces the last. */
final class StatePath {
    /** More than any connection passes that does not resume again and again. */
    static final int MAX_LENGTH = 16;

    private static final TcpState[] STATES = TcpState.values();

    int length;
    final byte[] ordinals = new byte[MAX_LENGTH];

    void enter(TcpState state) {
        if (length > 0 && ordinals[length - 1] == state.ordinal()) {
            return;
        }
        length = Math.min(length + 1, MAX_LENGTH);
        ordinals[length - 1] = (byte) state.ordinal();
    }

    List<TcpState> states() {
        List<TcpState> states = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            states.add(STATES[ordinals[i]]);
        }
        return states;
    }
}
