"""Machines, healthy and broken, as they were recorded, and how tests ask what is said of them."""

import json
from dataclasses import replace

from nurie.runtime.facts import Facts, Model, Space
from nurie.runtime.system import Output
from nurie.tasks.doctor.examination import diagnose
from nurie.tasks.doctor.findings import Finding


def said(*facts, err="", status=0) -> Output:
    """What a trial wrote: a line of JSON for each."""
    return Output("".join(json.dumps(fact) + "\n" for fact in facts), err, status)


def of(facts: Facts, topic: str) -> Finding:
    (found,) = [finding for finding in diagnose(facts) if finding.topic == topic]
    return found


def troubles(facts: Facts) -> list[tuple[str, str]]:
    return [(found.verdict, found.topic) for found in diagnose(facts) if found.verdict != "ok"]


# A laptop without a GPU, with the base install

CPUINFO = """\
processor\t: 0
vendor_id\t: GenuineIntel
model name\t: 12th Gen Intel(R) Core(TM) i7-1260P
flags\t\t: fpu vme sse sse2 ssse3 fma avx f16c avx2 bmi2 avx_vnni
power management:
"""
MEMINFO = """\
MemTotal:       16071808 kB
MemFree:          817060 kB
MemAvailable:    9204512 kB
"""
ON_CPU = (
    {
        "version": "1.23.2",
        "providers": ["AzureExecutionProvider", "CPUExecutionProvider"],
        "cuda": "",
    },
    {"cores": 4},
    {"seconds": 0.0412, "memory": 127541248},
)
NO_DRIVER = "libcuda.so.1: cannot open shared object file: No such file or directory"
REQUIREMENTS = (
    "numpy>=1.26",
    "onnxruntime>=1.18",
    "connected_components-3d>=3.14",
    "tomli>=2; python_version < '3.11'",
    "scipy>=1.11; extra == 'data'",
    'nurie[data]; extra == "train"',
    "torch>=2.6; extra == 'train'",
    "onnx>=1.16; extra == 'train'",
)
BASE = {"numpy": "2.2.6", "onnxruntime": "1.23.2", "connected-components-3d": "3.26.1"}
LAPTOP = Facts(
    system="Linux",
    machine="x86_64",
    python=(3, 12, 3),
    cpu=CPUINFO,
    threads=8,
    memory=MEMINFO,
    memory_limits=("max", "max"),
    cpu_limits=("max 100000",),
    spaces=(
        Space("working folder", "/home/mika/manga", 81 << 30),
        Space("temporary folder", "/var/tmp", 7 << 30),
    ),
    version="0.1.0",
    requirements=REQUIREMENTS,
    installed=BASE,
    models=(Model("lines"), Model("color")),
    cards=0,
    driver=said({"missing": NO_DRIVER}),
    network=said(*ON_CPU),
)


# A workstation with a GPU, on which everything works

SMI = """\
Tue Nov 24 15:40:12 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 570.133.07             Driver Version: 570.133.07     CUDA Version: 12.8     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|                                         |                        |               MIG M. |
|=========================================+========================+======================|
|   0  NVIDIA GeForce RTX 3090        Off |   00000000:01:00.0  On |                  N/A |
|  0%   41C    P8             21W /  350W |     612MiB /  24576MiB |      3%      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+
"""
NEWEST_SMI = """\
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 610.57.04              KMD Version: 610.57.04     CUDA UMD Version: 13.3     |
+-----------------------------------------+------------------------+----------------------+
"""
OLD_SMI = """\
+-----------------------------------------------------------------------------+
| NVIDIA-SMI 470.82.01    Driver Version: 470.82.01    CUDA Version: 11.4     |
|-------------------------------+----------------------+----------------------+
"""
RTX_3090 = {"name": "NVIDIA GeForce RTX 3090", "memory": 25438126080, "capability": "8.6"}
ON_GPU = {
    "version": "1.23.2",
    "providers": ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
    "cuda": "12.8",
}
NO_CUDA = {"error": "NurieError: CUDA does not start: run nurie doctor, or choose device cpu"}
TORCH = (
    {"version": "2.8.0+cu128", "cuda": "12.8", "hip": None},
    {"cudnn": 91002},
    {"architectures": ["sm_70", "sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]},
)
KERNEL = {
    "device": "cuda:0",
    "side": 4096,
    "kind": "bfloat16",
    "seconds": 0.00196,
    "memory": 110 << 20,
}
WORKSTATION = replace(
    LAPTOP,
    cards=1,
    nvidia_smi=Output(SMI),
    gpu_list=Output("0, NVIDIA GeForce RTX 3090, 570.133.07, 24576, 23585\n"),
    kernel_module="NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.133.07  Fri Mar 14\n",
    driver=said(
        {"path": "/usr/lib/x86_64-linux-gnu/libcuda.so.570.133.07"},
        {"version": 12080},
        {"init": 0},
        {"gpus": [RTX_3090]},
    ),
    installed={**BASE, "onnxruntime-gpu": "1.23.2"},
    network=said(ON_GPU, *ON_CPU[1:]),
    network_cuda=said(ON_GPU, {"cores": 4}, {"seconds": 0.0035, "memory": 900 << 20}),
    libraries=said({"missing": {}}),
    torch=said(*TORCH, {"trying": "cuda:0"}, {"kernels": [KERNEL], "trying": None}),
)


# The same with a driver that is too old

OLD_DRIVER = replace(
    WORKSTATION,
    nvidia_smi=Output(OLD_SMI),
    gpu_list=Output("0, NVIDIA GeForce RTX 3090, 470.82.01, 24268, 24001\n"),
    driver=said({"version": 11040}, {"init": 0}, {"gpus": [RTX_3090]}),
    network_cuda=said(ON_GPU, NO_CUDA),
    torch=said(
        *TORCH[:2],
        {"cuda_error": "The NVIDIA driver on your system is too old (found version 11040)."},
        {"kernels": []},
    ),
)


# What programs complain of

LOADER = (
    "\x1b[1;31m2026-11-24 15:16:38.405 [E:onnxruntime:Default, provider_bridge_ort.cc:2458] "
    "[ONNXRuntimeError] : 1 : FAIL : Failed to load library /opt/onnxruntime/capi/"
    "libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open shared object file: "
    "No such file or directory\n\x1b[m"
)
NO_CONTACT = Output(
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
    "Make sure that the latest NVIDIA driver is installed and running.\n\n",
    status=9,
)
