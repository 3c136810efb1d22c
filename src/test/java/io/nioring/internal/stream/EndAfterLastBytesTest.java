package io.nioring.internal.stream;

import static io.nioring.internal.poll.Readiness.ALL;
import static io.nioring.internal.poll.Readiness.HUP;
import static io.nioring.internal.poll.Readiness.IN;
import static io.nioring.internal.poll.Readiness.RDHUP;
import static io.nioring.internal.stream.Ends.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.nioring.internal.poll.Readiness;
import io.nioring.socket.ByteSource;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The end of a direction does not overtake the bytes of a write that is inside.
 *
 * <pre>{@code
 * writer                     another thread          reader
 * finds the direction open
 * copies                     shuts it, or closes
 *                                                    must not see the end
 * publishes 10 bytes
 * unlocks: the end
 *                                                    10 bytes, then the end
 * }</pre>
 */
class EndAfterLastBytesTest {
  private static final int COUNT = 10;
  private static final long WAIT_SECONDS = 60;

  private final Ends ends = new Ends(1_000);
  private final Endpoint a = ends.a;
  private final Endpoint b = ends.b;

  @AfterEach
  void memoryComesBack() {
    a.close(false);
    b.close(false);
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  /** What ends the direction from a to b, by the writing thread or by another one. */
  static Stream<Arguments> ways() {
    Named<Consumer<Ends>> shutdown = Named.of("own output shut", ends -> ends.a.shutdownOutput());
    Named<Consumer<Ends>> peersShutdown =
        Named.of("peer's input shut", ends -> ends.b.shutdownInput());
    Named<Consumer<Ends>> close = Named.of("own close", ends -> ends.a.close(false));
    Named<Consumer<Ends>> both =
        Named.of(
            "own output shut, then closed",
            ends -> {
              ends.a.shutdownOutput();
              ends.a.close(false);
            });
    return Stream.of(shutdown, peersShutdown, close, both)
        .flatMap(way -> Stream.of(Arguments.of(way, false), Arguments.of(way, true)));
  }

  /** A buffer that does something in the middle of its transfer. */
  private static ByteBuf buffer(Runnable meanwhile) {
    ByteBuf buffer =
        new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, COUNT, COUNT) {
          @Override
          public ByteBuf readBytes(ByteBuffer dst) {
            meanwhile.run();
            return super.readBytes(dst);
          }
        };
    return buffer.writeZero(COUNT);
  }

  private static void inAnotherThread(Runnable action) {
    Background<Void> task =
        Background.run(
            () -> {
              action.run();
              return null;
            });
    try {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("the action did not end", e);
    }
  }

  private static int tryToRead(Endpoint end) {
    try {
      return read(end, 100);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private int send(Runnable meanwhile) throws IOException {
    var message = new OutgoingMessage(ByteSource.of(buffer(meanwhile)), List.of(), null);
    a.lockWrite();
    try {
      return MessageTransfer.send(a, message);
    } finally {
      MessageTransfer.end(a, message);
      a.unlockWrite(true);
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void readerSeesNoEndBeforeTheBytesOfAWriteThatIsInside(Consumer<Ends> way, boolean otherThread)
      throws IOException {
    Runnable end =
        () -> {
          way.accept(ends);
          assertThat(tryToRead(b)).as("a write is inside").isZero();
          assertThat(b.readiness(Readiness.ALL) & (IN | RDHUP | HUP)).isZero();
          assertThat(ends.wakeUps(a)).as("a blocked writer is woken at once").contains(ALL);
          ends.wakeUps(b);
        };

    assertThat(send(otherThread ? () -> inAnotherThread(end) : end)).isEqualTo(COUNT);
    assertThat(ends.wakeUps(b)).as("the reader is woken for the end").containsExactly(ALL);
    assertThat(b.readiness(Readiness.ALL) & (IN | RDHUP)).isEqualTo(IN | RDHUP);
    assertThat(read(b, 100)).isEqualTo(COUNT);
    assertThat(read(b, 100)).isEqualTo(-1);
    assertThatThrownBy(() -> Ends.write(a, 1)).hasMessage("Broken pipe");
  }
}
