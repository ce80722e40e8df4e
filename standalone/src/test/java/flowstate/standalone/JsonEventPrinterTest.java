package flowstate.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class JsonEventPrinterTest {
    private final StringWriter out = new StringWriter();
    private final EventPrinter printer = OutputFormat.JSON.printer(out);

    @Test
    void aLifecycleEventIsOneObjectOnOneLineUnderTheSchemasNames() throws IOException {
        printer.print(SeedEvents.ended().build());
        printer.flush();

        assertThat(out).hasToString("""
                        {"capture":"four-way-close.pcap","event":"ENDED","final":true,"cause":"TIMER",\
                        "at":"2016-03-13T02:25:25.615276000Z","started_at":"2016-03-13T02:24:03.518594000Z",\
                        "duration_seconds":22.096682,"connection_id":"c1","community_id":"1:community","scope":"host",\
                        "originator":{"address":"127.0.0.1","port":27749,"state_before":"TIME_WAIT","state":"CLOSE",\
                        "states":["CLOSE"],\
                        "segments":5,"bytes":3,"wire_bytes":267,"retransmitted_segments":0,"retransmitted_bytes":0,\
                        "zero_windows":0,"isn":1527358664,"mss":65495,"window_scale":11,"sack_permitted":true,\
                        "timestamps":true},\
                        "responder":{"address":"127.0.0.1","port":12456,"state_before":"CLOSE","state":"CLOSE",\
                        "states":["CLOSE"],\
                        "segments":4,"bytes":0,"wire_bytes":216,"retransmitted_segments":0,"retransmitted_bytes":0,\
                        "zero_windows":0,"isn":2031984515,"mss":65495,"window_scale":11,"sack_permitted":true,\
                        "timestamps":true},\
                        "role_confidence":1.0,"conn_state":"SF","history":"ShADaFf","completeness":31,"handshake":"THREE_WAY",\
                        "teardown":"FOUR_SEGMENTS","closed_first":"ORIGINATOR","half_closed_seconds":9.960399,\
                        "end_reason":"FIN","unseen_segments":false,"observers":["host"],"capture_loss_suspected":false}
                        """);
    }

    @Test
    void anAnomalysEndsAreObjectsAsInALifecycleEvent() throws IOException {
        printer.print(SeedEvents.halfClosed().build());
        printer.print(SeedEvents.halfClosed().setMessage("\"\n").build());
        printer.flush();

        assertThat(out.toString().lines()).hasSize(2).first().isEqualTo("""
                        {"capture":"four-way-close.pcap","anomaly":"HALF_CLOSED","severity":"WARNING","confidence":1.0,\
                        "status":"MOMENT","count":1,"at":"2016-03-13T02:24:20.654843000Z","connection_id":"c1",\
                        "community_id":"1:community","scope":"","originator":{"address":"127.0.0.1","port":27749},\
                        "responder":{"address":"127.0.0.1","port":12456},\
                        "message":"the originator closed 5 s ago, the responder has not",\
                        "evidence":{"time":"2016-03-13T02:24:15.654843000Z","agent":"host","from":"RESPONDER",\
                        "seq":2031984516,"ack":1527358669,"flags":".","payload_length":0}}""");
    }

    @Test
    void anAnomalyOfAHostHasTheEndThatItIsAbout() throws IOException {
        printer.print(SeedEvents.synFlood().build());
        printer.flush();

        assertThat(out.toString().strip()).isEqualTo("""
                        {"capture":"four-way-close.pcap","anomaly":"SYN_FLOOD","severity":"WARNING","confidence":1.0,\
                        "status":"ENDED","began_at":"2016-03-13T02:24:05.000000000Z","count":3000,\
                        "at":"2016-03-13T02:24:20.000000000Z","scope":"host",\
                        "responder":{"address":"127.0.0.1","port":80},"message":"3000 attempts"}""");
    }

    @Test
    void timesBefore1970AndWithNanosecondsAreExact() throws IOException {
        var event = SeedEvents.opening();
        event.setAt(-1);
        event.setStartedAt(1);
        printer.print(event);
        printer.flush();

        assertThat(out.toString())
                .contains("\"at\":\"1969-12-31T23:59:59.999999999Z\"")
                .contains("\"started_at\":\"1970-01-01T00:00:00.000000001Z\"");
    }
}
