package flowstate.standalone;

import static flowstate.standalone.Namespace.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Disks that are full, or hang. */
class DiskFaultsIT extends AgentFaults {
    @Test
    void aFullDiskCostsNothingAsLongAsMemoryLasts() throws Exception {
        Path disk = Files.createDirectory(scratch.resolve("spool"));
        assertThat(inside("mount", "-t", "tmpfs", "-o", "size=8k", "none", disk.toString()))
                .isZero();
        try {
            Process agent = agent("agent");
            traffic();
            await().until(() -> metrics().get("published_segments_total") > 15);
            broker(true);
            for (int i = 0; i < 6; i++) {
                traffic();
            }
            await().untilAsserted(() -> assertThat(text("agent.err")).contains("the spool cannot be written to"));
            traffic();
            assertThat(metrics().get("lost_segments_total")).isZero();
            broker(false);
            await().until(() -> metrics().get("pending_segments") == 0);
            assertThat(metrics().get("lost_segments_total")).isZero();
            assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
            assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
            arrived()
                    .forEach((sessionAndPartition, numbers) -> assertThat(numbers.lastKey())
                            .as("numbers of " + sessionAndPartition)
                            .isEqualTo(numbers.size() - 1));
        } finally {
            inside("umount", "--lazy", disk.toString());
        }
    }

    /** Of a disk image, frozen as a volume is while it is snapshotted: whoever writes to it hangs. */
    @Test
    void aDiskThatHangsOrIsFullTakesNothingFromTheCaptureThatIsWrittenToItToo() throws Exception {
        Path disk = Files.createDirectory(scratch.resolve("disk"));
        String image = scratch.resolve("image").toString();
        namespace.need("truncate", "-s", "8M", image);
        assumeTrue(
                inside("mkfs.ext4", "-q", image) == 0 && inside("mount", "-o", "loop", image, disk.toString()) == 0,
                "a disk that hangs is tested with an ext4 image and a loop device");
        boolean frozen = false;
        try {
            Path kept = disk.resolve("kept");
            Process agent = agent("agent", "--filter", "port 12456", "-w", kept.toString());
            traffic();
            await().until(() -> metrics().get("published_segments_total") > 15);
            frozen = inside("fsfreeze", "-f", disk.toString()) == 0;
            assertThat(frozen).isTrue();
            long before = metrics().get("published_segments_total");
            traffic();
            await().until(() -> metrics().get("published_segments_total") > before + 15);
            namespace.need("fsfreeze", "-u", disk.toString());
            frozen = false;
            await().until(() -> packetsIn(kept) == metrics().get("seen_packets_total"));
            assertThat(metrics().get("unwritten_packets_total")).isZero();

            assertThat(inside("dd", "if=/dev/zero", "of=" + disk.resolve("filler"), "bs=4k"))
                    .isNotZero();
            await().until(() -> {
                traffic();
                return metrics().get("unwritten_packets_total") > 0;
            });
            Metrics full = metrics();
            assertThat(full.get("lost_segments_total")).isZero();
            assertThat(text("agent.err")).contains("packets are not written to it (No space left on device)");
            Files.delete(disk.resolve("filler"));
            await().until(() -> {
                traffic();
                return Files.exists(disk.resolve("kept.1")) && packetsIn(disk.resolve("kept.1")) > 0;
            });
            assertThat(inside("kill", "-TERM", String.valueOf(agent.pid()))).isZero();
            assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(text("agent.err")).containsPattern("[0-9]+ packets are not in " + kept);
        } finally {
            if (frozen) {
                inside("fsfreeze", "-u", disk.toString());
            }
            inside("umount", "--lazy", disk.toString());
        }
    }

    private long packetsIn(Path file) throws Exception {
        String name = "packets-" + files++;
        namespace.start(name, "tcpdump", "-n", "-r", file.toString()).waitFor();
        return text(name + ".out").lines().count();
    }
}
