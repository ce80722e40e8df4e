package flowstate.tcp;

import java.util.Locale;

/** An end of the connection, or neither or both. */
public enum Role {
    NONE,
    ORIGINATOR,
    RESPONDER,
    BOTH;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** As a sentence has it: {@code originator}. */
    String word() {
        return word;
    }
}
