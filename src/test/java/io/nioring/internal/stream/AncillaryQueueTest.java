package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.ring.Quota;
import io.nioring.socket.ByteSource;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.Right;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The queue by itself: what one receive may take of the bytes that are there. */
class AncillaryQueueTest {
  private static final PeerCredentials SOMEONE = new PeerCredentials(1, 2, 3, "some", "one");

  private final AncillaryQueue queue = new AncillaryQueue(new Quota(1_000));
  private final List<Right> rights = List.of(Right.channel(new OpenChannel()));

  private record OpenChannel() implements Channel {
    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private AncillaryQueue.Entry add(
      long start, long length, List<Right> carried, PeerCredentials named) throws IOException {
    AncillaryQueue.Entry entry = queue.prepare(carried, named);
    queue.add(entry, start, length);
    return entry;
  }

  private int admit(long head, int wanted) {
    return queue.admit(head, wanted, true, false);
  }

  @Test
  void plainBytesAreAdmittedAll() throws Exception {
    assertThat(admit(0, 10)).isEqualTo(10);
    queue.take();
    assertThat(queue.receivedRights()).isNull();
  }

  @Test
  void aMessageWithRightsIsTheEnd() throws Exception {
    add(5, 3, rights, null);

    assertThat(admit(0, 5)).isEqualTo(5);
    queue.take();
    assertThat(queue.receivedRights()).isNull();
    assertThat(admit(0, 20)).isEqualTo(8);
    queue.take();
    assertThat(queue.receivedRights()).isEqualTo(rights);
    assertThat(queue.receivedRights()).isNull();
    assertThat(admit(8, 20)).isEqualTo(20);
  }

  @Test
  void theRestOfAMessageIsPlainForTheNextReceiveAndNotForTheSame() throws Exception {
    add(0, 10, rights, null);

    assertThat(admit(0, 4)).isEqualTo(4);
    queue.take();
    assertThat(queue.admit(4, 20, false, false)).isEqualTo(6);
    queue.take();
    assertThat(queue.admit(10, 20, false, false)).isZero();
    assertThat(admit(4, 20)).isEqualTo(20);
  }

  @Test
  void aMessageThatEndsEarlyShrinks() throws Exception {
    AncillaryQueue.Entry entry = add(0, 10, rights, null);
    assertThat(admit(0, 4)).isEqualTo(4);
    queue.take();
    entry.endAt(6);

    assertThat(queue.admit(4, 20, false, false)).isEqualTo(2);
  }

  /** A first try found no memory for its bytes, and the reader was dropped before the next one. */
  @Test
  void whatWasPreparedIsClosedIfItsBytesAreDropped() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.sink().close();
    List<Right> carried = List.of(Right.channel(pipe.source()));
    OutgoingMessage message =
        new OutgoingMessage(ByteSource.of(ByteBuffer.allocate(1)), carried, null);
    message.prepared(queue.prepare(carried, null));

    message.drop(1);
    message.entry().endAt(0);
    message.closeUndeliverable();

    assertThat(message.isSent()).isTrue();
    assertThat(pipe.source().isOpen()).isFalse();
  }

  @Test
  void aMessageThatNeverBeganIsNotInTheQueue() throws Exception {
    for (int i = 0; i < 2_000; i++) { // more than may be in flight, and than there is room for
      queue.prepare(rights, null).endAt(5);
    }
    assertThat(queue.costBytes()).isZero();
    add(5, 2, rights, null);

    assertThat(admit(0, 20)).isEqualTo(7);
    assertThat(queue.discard()).hasSize(1);
  }

  @Test
  void discardTakesWhatIsInFlightOnce() throws Exception {
    add(0, 1, rights, null);
    add(3, 1, rights, null);

    assertThat(queue.discard()).hasSize(2);
    assertThat(queue.discard()).isEmpty();
    assertThat(admit(0, 20)).isEqualTo(20);
  }

  @Test
  void peekedRightsStay() throws IOException {
    add(0, 1, rights, null);
    admit(0, 1);

    assertThat(queue.peekRights(9)).isEqualTo(rights);
    assertThat(queue.peekRights(0)).isEmpty();
    assertThat(queue.rightsMet()).isEqualTo(1);
    queue.take();
    assertThat(queue.receivedRights()).isEqualTo(rights);
  }

  @Test
  void credentialsAreABoundaryWhereverTheyChange() throws Exception {
    add(3, 2, List.of(), SOMEONE);
    add(5, 2, List.of(), SOMEONE);
    add(9, 1, List.of(), SOMEONE);

    assertThat(queue.admit(0, 20, true, true)).isEqualTo(3);
    assertThat(queue.receivedCredentials()).isNull();
    assertThat(queue.admit(3, 20, true, true)).isEqualTo(4);
    assertThat(queue.receivedCredentials()).isEqualTo(SOMEONE);
    assertThat(queue.admit(4, 1, true, true)).isEqualTo(1);
    assertThat(queue.admit(7, 20, true, true)).isEqualTo(2);
    assertThat(queue.admit(9, 20, true, true)).isEqualTo(1);
    assertThat(queue.admit(10, 20, true, true)).isEqualTo(20);
    assertThat(admit(9, 20)).as("not kept apart").isEqualTo(20);
  }

  @Test
  void indexesMayBeNearTheEndOfALong() throws Exception {
    long start = Long.MAX_VALUE - 100;
    add(start + 2, 3, rights, null);

    assertThat(admit(start, 20)).isEqualTo(5);
  }
}
