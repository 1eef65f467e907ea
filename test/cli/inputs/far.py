# Writes a policy whose decision on mmap outgrows every diagram: 60 pairs of values of arguments that are far apart.
print("policy far on x86_64 {\n  kernel 6.12;\n  default errno(EPERM);")
for i in range(60):
    print(f"  allow mmap(${i % 3} == {1988601454 + i * 104729}, ${i % 3 + 3} == {2633739374 + i * 1299709});")
print("}")
