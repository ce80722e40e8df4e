package flowstate.tcp;

import java.util.AbstractList;
import java.util.Objects;

/** The states that one end was seen in, in order. Bounded: of a longer way the latest state replaces the last. */
final class StatePath extends AbstractList<TcpState> {
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

    @Override
    public TcpState get(int index) {
        return STATES[ordinals[Objects.checkIndex(index, length)]];
    }

    @Override
    public int size() {
        return length;
    }
}
