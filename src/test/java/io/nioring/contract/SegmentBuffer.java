package io.nioring.contract;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A buffer of a memory segment, made by reflection because the suite is compiled for Java 17. */
record SegmentBuffer(ByteBuffer buffer, AutoCloseable arena) {
  private static final int FIRST_RELEASE_WITH_SEGMENTS = 22;

  /** A buffer of each kind of arena that the running JDK has. */
  static List<SegmentBuffer> ofEachArena(long byteSize) throws ReflectiveOperationException {
    List<SegmentBuffer> buffers = new ArrayList<>();
    if (Runtime.version().feature() >= FIRST_RELEASE_WITH_SEGMENTS) {
      for (String factory : List.of("global", "ofAuto", "ofConfined", "ofShared")) {
        buffers.add(of(factory, byteSize));
      }
    }
    return buffers;
  }

  /** Buffers whose memory must not be used any more. */
  static List<ByteBuffer> closed(long byteSize) throws Exception {
    List<ByteBuffer> buffers = new ArrayList<>();
    if (Runtime.version().feature() >= FIRST_RELEASE_WITH_SEGMENTS) {
      for (String factory : List.of("ofConfined", "ofShared")) {
        SegmentBuffer segment = of(factory, byteSize);
        segment.close();
        buffers.add(segment.buffer());
      }
    }
    return buffers;
  }

  private static SegmentBuffer of(String factory, long byteSize)
      throws ReflectiveOperationException {
    Class<?> arenaType = Class.forName("java.lang.foreign.Arena");
    Object arena = arenaType.getMethod(factory).invoke(null);
    Method allocate = arenaType.getMethod("allocate", long.class);
    Object segment = allocate.invoke(arena, byteSize);
    Class<?> segmentType = Class.forName("java.lang.foreign.MemorySegment");
    ByteBuffer buffer = (ByteBuffer) segmentType.getMethod("asByteBuffer").invoke(segment);
    boolean closeable = factory.equals("ofConfined") || factory.equals("ofShared");
    return new SegmentBuffer(buffer, closeable ? (AutoCloseable) arena : () -> {});
  }

  void close() throws Exception {
    arena.close();
  }
}
