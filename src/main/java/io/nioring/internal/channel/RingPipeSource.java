package io.nioring.internal.channel;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.core.StreamSocket;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.select.RingSelectable;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.Objects;

/** The readable end of a pipe. */
final class RingPipeSource extends Pipe.SourceChannel implements RingSelectable, Facade {
  private final StreamSocket socket;

  RingPipeSource(NetworkResources network, Endpoint endpoint) {
    super(network.provider());
    this.socket = StreamSocket.connected(network, AddressFamily.UNIX, endpoint, this, null);
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    Objects.requireNonNull(dst);
    return socket.read(this, dst);
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dsts.length);
    return socket.read(this, dsts, offset, length);
  }

  @Override
  public long read(ByteBuffer[] dsts) throws IOException {
    return read(dsts, 0, dsts.length);
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    if (socket != null) { // otherwise the network is being closed, and closes the socket itself
      socket.close();
    }
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // The mode is AbstractSelectableChannel's flag; a ring has nothing to switch.
  }

  @Override
  public void beginWait() {
    begin();
  }

  @Override
  public void endWait(boolean completed) throws AsynchronousCloseException {
    end(completed);
  }

  @Override
  public PollSet poll() {
    return socket.poll();
  }

  @Override
  public int readiness(int wanted) {
    return socket.endpoint().readiness(wanted) & (Readiness.IN | Readiness.HUP);
  }

  @Override
  public int readyOps(int readiness) {
    return (readiness & Readiness.IN) != 0 ? SelectionKey.OP_READ : 0;
  }

  @Override
  public int peersHeadStart() {
    return socket.endpoint().peersHeadStart();
  }
}
