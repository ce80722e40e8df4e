package flowstate.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What one end's socket and the program that used it know of a connection. Times are nanoseconds since 1970, 0 for never.
 *
 * @param side {@code CLIENT}, or {@code SERVER}
 * @param id the client's number for it; -1 where the server never read it
 * @param startNs before connect was called, or after accept returned
 * @param connectedNs when connect returned
 * @param opened what came of connecting
 * @param wrote octets that the socket took
 * @param read octets that it gave
 * @param closing how this end closed first
 * @param closedNs before it did
 * @param end what it learned of the other end's close
 * @param endNs when it learned that
 * @param broken whether the other end's RST came after that
 */
record SocketView(
        String side,
        HostWay way,
        long id,
        int clientPort,
        long startNs,
        long connectedNs,
        Opened opened,
        long wrote,
        long read,
        Closing closing,
        long closedNs,
        long lastWroteNs,
        End end,
        long endNs,
        boolean broken) {
    private static final ObjectMapper JSON = new ObjectMapper();

    enum Opened {
        CONNECTED,
        REFUSED,
        /** No answer for as long as the client wanted to wait. */
        UNANSWERED,
        /** The client did not wait for an answer. */
        GIVEN_UP
    }

    enum Closing {
        NONE,
        /** close or shutdownOutput, with nothing unread: the system sends a FIN. */
        FIN,
        /** close with octets unread: the JDK shuts the output first, then the system resets what it cannot deliver. */
        FIN_AND_RST,
        /** close with SO_LINGER 0: the system sends a RST. */
        RST
    }

    enum End {
        NONE,
        /** read returned -1. */
        FIN,
        /** read or write said that the other end reset the connection. */
        RST,
        /** The system gave up: keep-alive probes were not answered. It sends a RST, and the connection is gone. */
        KEPT_ALIVE_IN_VAIN,
        /** Nothing came for as long as the program wanted to wait. */
        SILENT
    }

    static SocketView parse(String line) {
        try {
            return JSON.readValue(line, SocketView.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no view of a socket: " + line, e);
        }
    }

    String line() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
