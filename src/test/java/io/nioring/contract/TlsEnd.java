package io.nioring.contract;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * One end of a TLS connection by an {@code SSLEngine}. One thread may receive while another sends.
 */
final class TlsEnd implements TlsContract.End {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SSLEngine engine;
  private final EngineLink link;

  /** Records that were received, to be read from. */
  private final ByteBuffer records;

  /** Plain bytes that were received, to be read from. */
  private final ByteBuffer received;

  private TlsEnd(SSLEngine engine, EngineLink link) {
    this.engine = engine;
    this.link = link;
    this.records = ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).flip();
    this.received = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
  }

  static TlsEnd client(SSLContext context, String version, EngineLink link) {
    SSLEngine engine = context.createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {version});
    return new TlsEnd(engine, link);
  }

  static TlsEnd server(SSLContext context, EngineLink link) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    return new TlsEnd(engine, link);
  }

  EngineLink link() {
    return link;
  }

  String version() {
    return engine.getSession().getProtocol();
  }

  void handshake() throws IOException {
    engine.beginHandshake();
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_WRAP -> sendRecord(NOTHING);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> receiveRecord();
        case NEED_TASK -> engine.getDelegatedTask().run();
        case FINISHED, NOT_HANDSHAKING -> {
          return;
        }
      }
    }
  }

  /** The next record with these bytes, or as many of them as fit, without sending it. */
  private ByteBuffer wrap(ByteBuffer src) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(src, record);
    return record.flip();
  }

  private synchronized void sendRecord(ByteBuffer src) throws IOException {
    link.write(wrap(src));
  }

  @Override
  public void send(byte[] bytes) throws IOException {
    ByteBuffer src = ByteBuffer.wrap(bytes);
    while (src.hasRemaining()) {
      sendRecord(src);
    }
  }

  /** Sends the first half of a record, and never the rest. */
  synchronized void sendHalf(byte[] bytes) throws IOException {
    ByteBuffer record = wrap(ByteBuffer.wrap(bytes));
    link.write(record.limit(record.limit() / 2));
  }

  /** Tells the peer that nothing more will be sent, by a close_notify. */
  void sendCloseNotify() throws IOException {
    engine.closeOutbound();
    while (!engine.isOutboundDone()) {
      sendRecord(NOTHING);
    }
  }

  /** Reads exactly so many bytes. */
  @Override
  public byte[] receive(int count) throws IOException {
    byte[] bytes = new byte[count];
    int done = 0;
    while (done < count) {
      if (!awaitBytes()) {
        throw new EOFException("the end after " + done + " bytes");
      }
      int next = Math.min(received.remaining(), count - done);
      received.get(bytes, done, next);
      done += next;
    }
    return bytes;
  }

  /** Whether a close_notify of the peer is the next to be received. */
  boolean isAtEnd() throws IOException {
    return !awaitBytes();
  }

  /** Waits for bytes, or for the peer's close_notify: then there are none. */
  private boolean awaitBytes() throws IOException {
    while (!received.hasRemaining()) {
      if (engine.isInboundDone()) {
        return false;
      }
      receiveRecord();
    }
    return true;
  }

  private void receiveRecord() throws IOException {
    received.compact();
    SSLEngineResult result;
    try {
      result = engine.unwrap(records, received);
    } finally {
      received.flip();
    }
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> receiveMore();
      case BUFFER_OVERFLOW -> throw new AssertionError("no room for a record");
      case OK, CLOSED -> {
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
          engine.getDelegatedTask().run();
        }
      }
    }
  }

  private void receiveMore() throws IOException {
    records.compact();
    int count;
    try {
      count = link.read(records);
    } finally {
      records.flip();
    }
    if (count < 0) {
      engine.closeInbound(); // throws if there was no close_notify
      throw new AssertionError("the end was not missed");
    }
  }
}
