package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import flowstate.schema.EndReason;
import flowstate.schema.EventKind;
import flowstate.schema.Handshake;
import flowstate.schema.Role;
import flowstate.schema.TcpState;
import flowstate.schema.Teardown;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class TextEventPrinterTest {
    private final StringWriter out = new StringWriter();
    private final EventPrinter printer = OutputFormat.TEXT.printer(out);

    @Test
    void aConnectionReadsFromItsOpeningToItsVerdict() throws IOException {
        printer.print(SeedEvents.opening());
        printer.print(SeedEvents.established());
        printer.print(SeedEvents.halfClosed().build());
        printer.print(SeedEvents.closing());
        printer.print(SeedEvents.ended().build());
        printer.flush();

        assertThat(out).hasToString("""
                        # four-way-close.pcap, 2016-03-13 (UTC)
                        02:24:03.518594  127.0.0.1:27749 > 127.0.0.1:12456  OPENING      CLOSE->SYN_SENT / LISTEN
                        02:24:03.518636  127.0.0.1:27749 > 127.0.0.1:12456  ESTABLISHED  SYN_SENT->ESTABLISHED / LISTEN->SYN_RECV->ESTABLISHED
                        02:24:20.654843  127.0.0.1:27749 > 127.0.0.1:12456    ! HALF_CLOSED (warning): the originator closed 5 s ago, the responder has not
                        02:24:25.615242  127.0.0.1:27749 > 127.0.0.1:12456  CLOSING      FIN_WAIT2->TIME_WAIT / CLOSE_WAIT->LAST_ACK  half-closed 9.960s
                        02:25:25.615276  127.0.0.1:27749 > 127.0.0.1:12456  ENDED        SF ShADaFf 22.097s 3/0 bytes  4-way close by originator, half-closed 9.960s, TIME_WAIT->CLOSE / CLOSE
                        """);
    }

    @Test
    void anotherCaptureAndAnotherDayAreSaid() throws IOException {
        printer.print(SeedEvents.opening());
        var other = SeedEvents.opening();
        other.setCapture("other\u001b[2J.pcap");
        other.setAt(other.getAt() - 3 * 3_600_000_000_000L);
        printer.print(other);
        other.setAt(other.getAt() + 3 * 3_600_000_000_000L);
        printer.print(other);

        assertThat(out.toString().lines().filter(line -> line.startsWith("#") || line.isEmpty()))
                .containsExactly(
                        "# four-way-close.pcap, 2016-03-13 (UTC)",
                        "",
                        "# other?[2J.pcap, 2016-03-12 (UTC)",
                        "# 2016-03-13 (UTC)");
    }

    @Test
    void ipv6AddressesStandInBrackets() throws IOException {
        var event = SeedEvents.opening();
        event.getOriginator().setAddress("2001:db8::1");
        event.getResponder().setAddress("::1");
        printer.print(event);

        assertThat(lastLine()).contains("  [2001:db8::1]:27749 > [::1]:12456  OPENING ");
    }

    @Test
    void roundTripsAreSaidWhenTheyAreKnown() throws IOException {
        var event = SeedEvents.established();
        event.setSynToSynackSeconds(0.0123);
        event.setSynackToAckSeconds(0.000456);
        printer.print(event);

        assertThat(lastLine())
                .endsWith("SYN_SENT->ESTABLISHED / LISTEN->SYN_RECV->ESTABLISHED"
                        + "  SYN to SYN-ACK 12.300 ms, SYN-ACK to ACK 0.456 ms");
    }

    @Test
    void eachWayToEndIsSaidInItsOwnWords() {
        assertThat(verdict(Teardown.THREE_SEGMENTS, Role.RESPONDER, EndReason.FIN))
                .isEqualTo("3-way close by responder");
        assertThat(verdict(Teardown.SIMULTANEOUS, Role.BOTH, EndReason.FIN)).isEqualTo("simultaneous close");
        assertThat(verdict(Teardown.RESET, Role.RESPONDER, EndReason.RST_RESPONDER))
                .isEqualTo("reset by responder");
        assertThat(verdict(Teardown.RESET_AFTER_FIN, Role.RESPONDER, EndReason.RST_ORIGINATOR))
                .isEqualTo("reset by originator after FIN");
        assertThat(verdict(Teardown.RESET, Role.RESPONDER, EndReason.REJECTED)).isEqualTo("refused");
        assertThat(verdict(Teardown.TIMEOUT, Role.NONE, EndReason.ATTEMPT_TIMEOUT))
                .isEqualTo("no answer");
        assertThat(verdict(Teardown.NONE, Role.NONE, EndReason.CAPTURE_ENDED)).isEqualTo("open when the capture ended");
    }

    @Test
    void whatIsUnusualAboutAnEndedConnectionIsSaid() throws IOException {
        var originator = SeedEvents.client(TcpState.CLOSE, TcpState.CLOSE).setRetransmittedSegments(2);
        var responder = SeedEvents.server(TcpState.CLOSE, TcpState.CLOSE).setZeroWindows(1);
        printer.print(SeedEvents.event(EventKind.ENDED, "02:25:25.615276", originator, responder)
                .setHandshake(Handshake.MIDSTREAM)
                .setConnState("OTH")
                .setHistory("DT")
                .setEndReason(EndReason.IDLE_TIMEOUT)
                .setCaptureLossSuspected(true)
                .setTunnel("vxlan 42 10.0.0.1>10.0.0.2")
                .build());

        assertThat(lastLine())
                .endsWith(
                        "  ENDED        OTH DT 0.000s 0/0 bytes  start not seen, idle for too long,"
                                + " 2/0 retransmitted, 0/1 zero windows, capture loss suspected, in vxlan 42 10.0.0.1>10.0.0.2");
    }

    @Test
    void aRepeatedAndUncertainAnomalySaysSo() throws IOException {
        printer.print(SeedEvents.halfClosed()
                .setCount(1000)
                .setConfidence(0.7)
                .setMessage("one\ntwo")
                .build());

        assertThat(lastLine()).endsWith("    ! HALF_CLOSED (warning, 70 % sure): one two (1,000 times)");
    }

    @Test
    void anAnomalyOfAHostSaysWhereItStands() throws IOException {
        printer.print(SeedEvents.synFlood().build());

        assertThat(lastLine())
                .matches(
                        "02:24:20.000000  \\* > 127.0.0.1:80 +! SYN_FLOOD ended \\(warning\\): 3000 attempts \\(3,000 times\\)");
    }

    private String verdict(Teardown teardown, Role first, EndReason reason) {
        try {
            printer.print(SeedEvents.event(
                            EventKind.ENDED,
                            "02:25:25.615276",
                            SeedEvents.client(TcpState.CLOSE, TcpState.CLOSE),
                            SeedEvents.server(TcpState.CLOSE, TcpState.CLOSE))
                    .setHandshake(Handshake.THREE_WAY)
                    .setTeardown(teardown)
                    .setClosedFirst(first)
                    .setEndReason(reason)
                    .build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lastLine().replaceFirst(".* bytes  ", "");
    }

    private String lastLine() {
        return out.toString().lines().reduce("", (before, line) -> line);
    }
}
