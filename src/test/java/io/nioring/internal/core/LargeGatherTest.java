package io.nioring.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A gathering write of many bytes wakes the reader before it ends, whatever its buffers' sizes. */
class LargeGatherTest {
  @ParameterizedTest
  @CsvSource({"16, 1024, 1", "7, 8192, 1", "9, 8192, 2", "20, 8192, 3", "1, 200000, 4"})
  void theReaderIsWokenForEachPart(int buffers, int bytesOfEach, int wakeUps) throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      SocketPair pair = network.socketPair();
      RingSocketChannel writer = (RingSocketChannel) pair.first();
      RingSocketChannel reader = (RingSocketChannel) pair.second();
      List<Integer> recorded = WakeUps.recorded(reader.poll());
      ByteBuffer[] sources =
          Stream.generate(() -> ByteBuffer.allocate(bytesOfEach))
              .limit(buffers)
              .toArray(ByteBuffer[]::new);

      assertThat(writer.write(sources)).isEqualTo((long) buffers * bytesOfEach);
      assertThat(recorded).isEqualTo(WakeUps.ofParts(wakeUps));
      assertThat(reader.read(ByteBuffer.allocate(1 << 20))).isEqualTo(buffers * bytesOfEach);
    }
  }
}
