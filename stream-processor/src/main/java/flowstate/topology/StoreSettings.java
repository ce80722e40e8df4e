package flowstate.topology;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;

/**
 * How RocksDB keeps what is stored, where it differs from the settings of Kafka Streams: compressed, for connections of one
 * capture have much in common; and merged less often, for what is restored was often written anew, or deleted, soon after.
 */
public final class StoreSettings implements RocksDBConfigSetter {
    /** Files of 16 MB, as memory is written out, that may gather before they are merged; by default 4. */
    private static final int FILES_BEFORE_MERGE = 10;

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        options.setCompressionType(CompressionType.LZ4_COMPRESSION);
        options.setLevel0FileNumCompactionTrigger(FILES_BEFORE_MERGE);
    }

    @Override
    public void close(String storeName, Options options) {
        // made nothing that would have to be closed
    }
}
